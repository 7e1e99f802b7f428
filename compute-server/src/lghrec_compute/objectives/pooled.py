"""Log-sum-exp of each row of the loss over a shared pool, computed in tiles.

The similarities [Q, N] of a contrast with all nodes do not fit into the memory on a large graph. Forward and
backward pass therefore compute one tile of rows at a time, so that no larger matrix exists. A small matrix is
stored for the backward pass, which saves a product and an exponential.

Shapes: B anchors, D embedding size, N candidates, Q rows of the loss.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor

from lghrec_compute.tiles import row_tiles

Kernel = Literal["exp", "exp_square"]

_TILE = {"cpu": 1 << 20, "cuda": 1 << 26}
"""Number of similarities per tile: on a CPU they stay in the cache, on a GPU they occupy all its cores."""

_EXCLUDED = -1e30
"""Number that is added to the exponent of an excluded term."""

_KEPT = {"cpu": 1 << 24, "cuda": 1 << 28}
"""Number of similarities up to which the terms are stored for the backward pass: 64 MB on a host."""


@dataclass(frozen=True)
class TermWeights:
    """Weights of the terms of the sum, [Q, N].

    `allowed_BN` is bool, and None allows all terms. `log_weight_BN` is added to the exponent and broadcasts
    to [B, N]; None means the weight 1. `anchor_Q` is the row of both that belongs to each row of the loss;
    None means the row with the same index.
    """

    allowed_BN: Tensor | None = None
    log_weight_BN: Tensor | None = None
    anchor_Q: Tensor | None = None

    def rows(self, tile: slice) -> tuple[Tensor | None, Tensor | None]:
        """Return both for a tile of rows of the loss."""
        return self._rows(self.allowed_BN, tile), self._rows(self.log_weight_BN, tile)

    def _rows(self, value_BN: Tensor | None, tile: slice) -> Tensor | None:
        if value_BN is None or len(value_BN) == 1:
            return value_BN
        return value_BN[tile] if self.anchor_Q is None else value_BN.index_select(0, self.anchor_Q[tile])


def pooled_logsumexp(
    row_QD: Tensor,
    key_ND: Tensor,
    inverse_temperature_Q: Tensor,
    *,
    kernel: Kernel,
    terms: TermWeights,
    similarity_QN: Tensor | None = None,
) -> Tensor:
    """Return log sum over n of w_qn k(s_qn), [Q], with s the dot product; -inf for a row without a term.

    The kernel `exp` is k(s) = e^{s/t}, and `exp_square` is k(s) = e^{s/t} + e^{s^2/t} (SCCF, Wu et al. 2024).
    Temperatures have no gradient, because a policy sets them. Any finite similarity gives a finite result.

    `similarity_QN` are the dot products, if they are known and `keeps_table` is true. They are overwritten.
    If a vector is not finite, the result is not a number, whatever the similarities are.
    """
    inverse_Q = inverse_temperature_Q.detach()
    result = _PooledLogSumExp.apply(row_QD, key_ND, inverse_Q, similarity_QN, kernel, terms)
    assert isinstance(result, Tensor)
    return result


def log_kernel(similarity: Tensor, inverse_temperature: Tensor, kernel: Kernel) -> Tensor:
    """Return log k(s) of each similarity."""
    linear = similarity * inverse_temperature
    if kernel == "exp":
        return linear
    return torch.logaddexp(linear, similarity * linear)


class _PooledLogSumExp(torch.autograd.Function):
    """It saves the inputs and the result [Q], and the terms of a small table divided by each row's
    largest."""

    @staticmethod
    def forward(
        ctx: Any, row_QD: Tensor, key_ND: Tensor, inverse_Q: Tensor, known_QN: Tensor | None, *how: Any
    ) -> Tensor:
        kernel, terms = how
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
            logit = _weighted(_logit(similarity, inverse_Q[tile, None], kernel), terms, tile)
            result_Q[tile] = _logsumexp_(logit)
        if known_QN is not None:
            result_Q.add_(row_QD.sum(dim=1) + key_ND.sum(), alpha=0)  # makes the result NaN if an input is
        ctx.save_for_backward(row_QD, key_ND, inverse_Q, result_Q, term_QN)
        ctx.how = how
        return result_Q

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Any) -> Any:
        row_QD, key_ND, inverse_Q, result_Q, term_QN = ctx.saved_tensors
        kernel, terms = ctx.how
        scale_Q = grad_outputs[0] * inverse_Q
        if term_QN is not None:
            scale_Q = torch.where(torch.isneginf(result_Q), 0.0, scale_Q)
            return *_of_kept_terms(row_QD, key_ND, scale_Q, term_QN), None, None, None, None
        # a row without a term has no gradient
        result_Q = torch.where(torch.isneginf(result_Q), -_EXCLUDED, result_Q)
        row_grad_QD = torch.empty_like(row_QD)
        key_grad_ND = torch.zeros_like(key_ND)
        for tile in _tiles(row_QD, key_ND):
            share = _share(row_QD[tile] @ key_ND.T, inverse_Q[tile, None], kernel, terms, tile, result_Q)
            share.mul_(scale_Q[tile, None])
            torch.mm(share, key_ND, out=row_grad_QD[tile])
            key_grad_ND.addmm_(share.T, row_QD[tile])
        return row_grad_QD, key_grad_ND, None, None, None, None


def keeps_table(row_QD: Tensor, key_ND: Tensor, kernel: Kernel) -> bool:
    """Return whether the terms of all pairs are stored for the backward pass."""
    # the square kernel would need two tables
    return kernel == "exp" and len(row_QD) * len(key_ND) <= _KEPT.get(row_QD.device.type, 0)


def _logsumexp_(logit: Tensor) -> Tensor:
    """Return log of the sum of e^logit of each row, and leave e^(logit - the row's largest) in `logit`."""
    peak = logit.amax(dim=1, keepdim=True).clamp_(min=2 * _EXCLUDED)  # not -inf: -inf - -inf is no number
    result_Q = _exp_(logit.sub_(peak)).sum(dim=1).log_().add_(peak[:, 0])
    return result_Q.masked_fill_(peak[:, 0] < _EXCLUDED / 2, -math.inf)


def _exp_(logit: Tensor) -> Tensor:
    """Compute e^logit in place, and 0 where the result is no normal number.

    The exponential of a very small number, or of -inf, takes up to twelve times as long on a CPU, and most of
    a table may be excluded. Such logits are clamped first, and their results are set to zero.
    """
    tiny = 4 * torch.finfo(logit.dtype).tiny
    return torch.threshold_(logit.clamp_(min=math.log(tiny / 2)).exp_(), tiny, 0.0)


def _of_kept_terms(row_QD: Tensor, key_ND: Tensor, scale_Q: Tensor, term_QN: Tensor) -> tuple[Tensor, Tensor]:
    """Return both gradients. A row without a term has a sum of 0 and no gradient."""
    share_Q = scale_Q / term_QN.sum(dim=1).clamp_min(torch.finfo(term_QN.dtype).tiny)
    return (term_QN @ key_ND).mul_(share_Q[:, None]), term_QN.T @ (row_QD * share_Q[:, None])


def _logit(similarity: Tensor, inverse_temperature: Tensor, kernel: Kernel) -> Tensor:
    """Return `log_kernel`, which may overwrite `similarity`."""
    if kernel == "exp":
        return similarity.mul_(inverse_temperature)
    return log_kernel(similarity, inverse_temperature, kernel)


def _share(
    similarity: Tensor, inverse: Tensor, kernel: Kernel, terms: TermWeights, tile: slice, result_Q: Tensor
) -> Tensor:
    """Return d result / d (s/t) of a tile: the softmax, with the factor 2 s for the square kernel."""
    if kernel == "exp":
        logit = _weighted(similarity.mul_(inverse), terms, tile)
        return _exp_(logit.sub_(result_Q[tile, None]))
    linear = similarity * inverse
    square = similarity * linear
    one = _exp_(_weighted(linear, terms, tile).sub_(result_Q[tile, None]))
    two = _exp_(_weighted(square, terms, tile).sub_(result_Q[tile, None]))
    return one.add_(two.mul_(similarity), alpha=2)


def _weighted(logit: Tensor, terms: TermWeights, tile: slice) -> Tensor:
    allowed, log_weight = terms.rows(tile)
    if log_weight is not None:
        logit = logit.add_(log_weight)
    if allowed is None:
        return logit
    # takes a tenth of the time of masked_fill
    return logit.add_((~allowed).view(torch.uint8), alpha=_EXCLUDED)


def _tiles(row_QD: Tensor, key_ND: Tensor) -> list[slice]:
    return row_tiles(len(row_QD), len(key_ND), row_QD.device, _TILE)
