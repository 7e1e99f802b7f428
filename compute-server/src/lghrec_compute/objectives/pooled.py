"""Log-sum-exp of every query over a shared pool, in tiles. Shapes: types.py; Q counts queries.

The table of similarities [Q, N] of an all-node contrast does not fit the memory of a large graph. Here a tile
of queries at a time meets the whole pool, forward and again backward, so that nothing of the size [Q, N]
outlives a tile. A small table is kept for the backward pass, which saves it a product and an exponential.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor

Kernel = Literal["exp", "exp_square"]

_TILE = {"cpu": 1 << 20, "cuda": 1 << 26}
"""Similarities of a tile: on a CPU they stay in its cache, on a GPU they fill it."""

_EXCLUDED = -1e30
"""Added to the exponent of a term that does not count."""

_KEPT = {"cpu": 1 << 24, "cuda": 1 << 28}
"""Numbers of a table that is small enough to keep: 64 MB on a host."""


@dataclass(frozen=True)
class Table:
    """Which terms of [Q, N] count, and by how much.

    `allowed_BN`: bool, None for all; `log_weight_BN` is added to the exponent and broadcasts to [B, N].
    `owner_Q`: the row of both that a query reads; None: its own.
    """

    allowed_BN: Tensor | None = None
    log_weight_BN: Tensor | None = None
    owner_Q: Tensor | None = None

    def rows(self, tile: slice) -> tuple[Tensor | None, Tensor | None]:
        """Both for a tile of queries."""
        return self._rows(self.allowed_BN, tile), self._rows(self.log_weight_BN, tile)

    def _rows(self, value_BN: Tensor | None, tile: slice) -> Tensor | None:
        if value_BN is None or len(value_BN) == 1:
            return value_BN
        return value_BN[tile] if self.owner_Q is None else value_BN.index_select(0, self.owner_Q[tile])


def pooled_logsumexp(
    row_QD: Tensor,
    key_ND: Tensor,
    inverse_temperature_Q: Tensor,
    *,
    kernel: Kernel,
    table: Table,
    similarity_QN: Tensor | None = None,
) -> Tensor:
    """log sum over n of w_qn k(s_qn), [Q], with s the dot product; -inf for a query without a term.

    Kernel `exp`: k(s) = e^{s/t}; `exp_square`: k(s) = e^{s/t} + e^{s^2/t} (SCCF, 2024). Temperatures carry no
    gradient: a policy sets them. Any similarity keeps it finite.

    `similarity_QN`, where `keeps_table`: the dot products, if they are known; they are written over. Those of
    vectors that are not finite may be anything: the result is then not a number.
    """
    inverse_Q = inverse_temperature_Q.detach()
    result = _PooledLogSumExp.apply(row_QD, key_ND, inverse_Q, similarity_QN, kernel, table)
    assert isinstance(result, Tensor)
    return result


def log_kernel(similarity: Tensor, inverse_temperature: Tensor, kernel: Kernel) -> Tensor:
    """log k(s) of each similarity."""
    linear = similarity * inverse_temperature
    if kernel == "exp":
        return linear
    return torch.logaddexp(linear, similarity * linear)


class _PooledLogSumExp(torch.autograd.Function):
    """Saves the inputs and the result [Q]; of a small table also its terms, over each row's largest."""

    @staticmethod
    def forward(
        ctx: Any, row_QD: Tensor, key_ND: Tensor, inverse_Q: Tensor, known_QN: Tensor | None, *how: Any
    ) -> Tensor:
        kernel, table = how
        result_Q = row_QD.new_empty(len(row_QD))
        term_QN = known_QN
        if known_QN is None and keeps_table(row_QD, key_ND, kernel) and any(ctx.needs_input_grad):
            term_QN = row_QD.new_empty(len(row_QD), len(key_ND))
        for tile in _tiles(row_QD, key_ND):
            if known_QN is None:
                out = None if term_QN is None else term_QN[tile]
                similarity = torch.mm(row_QD[tile], key_ND.T, out=out)
            else:
                similarity = known_QN[tile]
            logit = _weighted(_logit(similarity, inverse_Q[tile, None], kernel), table, tile)
            result_Q[tile] = _logsumexp_(logit)
        if known_QN is not None:
            result_Q.add_(row_QD.sum(dim=1) + key_ND.sum(), alpha=0)  # adds what is not finite
        ctx.save_for_backward(row_QD, key_ND, inverse_Q, result_Q, term_QN)
        ctx.how = how
        return result_Q

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Any) -> Any:
        row_QD, key_ND, inverse_Q, result_Q, term_QN = ctx.saved_tensors
        kernel, table = ctx.how
        scale_Q = grad_outputs[0] * inverse_Q
        if term_QN is not None:
            scale_Q = torch.where(torch.isneginf(result_Q), 0.0, scale_Q)
            return *_of_kept_terms(row_QD, key_ND, scale_Q, term_QN), None, None, None, None
        # a query without a term has no share to give
        result_Q = torch.where(torch.isneginf(result_Q), -_EXCLUDED, result_Q)
        row_grad_QD = torch.empty_like(row_QD)
        key_grad_ND = torch.zeros_like(key_ND)
        for tile in _tiles(row_QD, key_ND):
            share = _share(row_QD[tile] @ key_ND.T, inverse_Q[tile, None], kernel, table, tile, result_Q)
            share.mul_(scale_Q[tile, None])
            torch.mm(share, key_ND, out=row_grad_QD[tile])
            key_grad_ND.addmm_(share.T, row_QD[tile])
        return row_grad_QD, key_grad_ND, None, None, None, None


def keeps_table(row_QD: Tensor, key_ND: Tensor, kernel: Kernel) -> bool:
    """Whether the terms of all pairs are kept for the backward pass."""
    # of the square kernel two tables would be needed
    return kernel == "exp" and len(row_QD) * len(key_ND) <= _KEPT.get(row_QD.device.type, 0)


def _logsumexp_(logit: Tensor) -> Tensor:
    """log of the sum of e^logit of each row, leaving the terms over e^(the row's largest) in `logit`."""
    peak = logit.amax(dim=1, keepdim=True).clamp_(min=2 * _EXCLUDED)  # not -inf: -inf - -inf is no number
    result_Q = _exp_(logit.sub_(peak)).sum(dim=1).log_().add_(peak[:, 0])
    return result_Q.masked_fill_(peak[:, 0] < _EXCLUDED / 2, -math.inf)


def _exp_(logit: Tensor) -> Tensor:
    """e^logit in place; 0 where that is no normal number.

    The exponential of what is far below, or of -inf, takes up to twelve times as long on a CPU, and most of a
    table may be excluded: such are clamped first and set to zero after.
    """
    tiny = 4 * torch.finfo(logit.dtype).tiny
    return torch.threshold_(logit.clamp_(min=math.log(tiny / 2)).exp_(), tiny, 0.0)


def _of_kept_terms(row_QD: Tensor, key_ND: Tensor, scale_Q: Tensor, term_QN: Tensor) -> tuple[Tensor, Tensor]:
    """Both gradients; a row without a term has a sum of 0 and gets none."""
    share_Q = scale_Q / term_QN.sum(dim=1).clamp_min(torch.finfo(term_QN.dtype).tiny)
    return (term_QN @ key_ND).mul_(share_Q[:, None]), term_QN.T @ (row_QD * share_Q[:, None])


def _logit(similarity: Tensor, inverse_temperature: Tensor, kernel: Kernel) -> Tensor:
    """`log_kernel`, which may write over `similarity`."""
    if kernel == "exp":
        return similarity.mul_(inverse_temperature)
    return log_kernel(similarity, inverse_temperature, kernel)


def _share(
    similarity: Tensor, inverse: Tensor, kernel: Kernel, table: Table, tile: slice, result_Q: Tensor
) -> Tensor:
    """d result / d (s/t) of a tile: the softmax, with 2 s for the square's part."""
    if kernel == "exp":
        logit = _weighted(similarity.mul_(inverse), table, tile)
        return _exp_(logit.sub_(result_Q[tile, None]))
    linear = similarity * inverse
    square = similarity * linear
    one = _exp_(_weighted(linear, table, tile).sub_(result_Q[tile, None]))
    two = _exp_(_weighted(square, table, tile).sub_(result_Q[tile, None]))
    return one.add_(two.mul_(similarity), alpha=2)


def _weighted(logit: Tensor, table: Table, tile: slice) -> Tensor:
    allowed, log_weight = table.rows(tile)
    if log_weight is not None:
        logit = logit.add_(log_weight)
    if allowed is None:
        return logit
    # a tenth of the time of filling by mask
    return logit.add_((~allowed).view(torch.uint8), alpha=_EXCLUDED)


def _tiles(row_QD: Tensor, key_ND: Tensor) -> list[slice]:
    num_rows = len(row_QD)
    size = max(1, _TILE.get(row_QD.device.type, 1 << 20) // max(1, len(key_ND)))
    return [slice(start, min(start + size, num_rows)) for start in range(0, num_rows, size)]
