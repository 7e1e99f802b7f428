"""Edges from one set of nodes to another, with softmax and weighted sums over the edges of each target.

Shapes: D embedding size, E edges, H attention heads, S sources, T targets.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from lghrec_compute.graph.product import csr_product


@dataclass(frozen=True)
class Incidence:
    """Edges sorted by target, with int64 ends.

    `by_source_E` are the indices of the edges in the order by source. `forward` and `backward` are the
    offsets and columns, int32, of the CSR matrices [T, S] and [S, T].
    """

    source_E: Tensor
    target_E: Tensor
    by_source_E: Tensor
    forward: tuple[Tensor, Tensor]
    backward: tuple[Tensor, Tensor]

    @property
    def num_targets(self) -> int:
        """Number of targets, T."""
        return len(self.forward[0]) - 1


def build_incidence(source_E: Tensor, target_E: Tensor, num_sources: int, num_targets: int) -> Incidence:
    """Sort edges by target. Edges of the same target keep their order."""
    order_E = torch.argsort(target_E, stable=True)
    source_E, target_E = source_E[order_E], target_E[order_E]
    by_source_E = torch.argsort(source_E, stable=True)
    forward = (_offsets(target_E, num_targets), source_E.int())
    backward = (_offsets(source_E, num_sources), target_E[by_source_E].int())
    return Incidence(source_E, target_E, by_source_E, forward, backward)


def softmax_by_target(score_HE: Tensor, incidence: Incidence) -> Tensor:
    """Return the softmax of scores [H, E] over the edges of each target. It is finite for any finite
    score."""
    target_HE = incidence.target_E.expand_as(score_HE)
    blank_HT = score_HE.new_zeros(len(score_HE), incidence.num_targets)
    with torch.no_grad():
        peak_HT = (blank_HT - torch.inf).scatter_reduce(1, target_HE, score_HE, "amax")
    share_HE = torch.exp(score_HE - peak_HT.gather(1, target_HE))
    return share_HE / blank_HT.scatter_add(1, target_HE, share_HE).gather(1, target_HE)


def weighted_sum(source_SD: Tensor, weight_E: Tensor, incidence: Incidence) -> Tensor:
    """Return the sum over a target's edges of weight x source row, [T, D]; zero for a target without edges.

    Both passes are sparse products, so that no table [E, D] is written.
    """
    result = _WeightedSum.apply(source_SD, weight_E, incidence)
    assert isinstance(result, Tensor)
    return result


class _WeightedSum(torch.autograd.Function):
    """y = A(w) x; dx = A(w)^T dy; dw_e = <dy of its target, x of its source>."""

    @staticmethod
    def forward(ctx: Any, source_SD: Tensor, weight_E: Tensor, incidence: Incidence) -> Tensor:
        ctx.save_for_backward(source_SD, weight_E)
        ctx.incidence = incidence
        return csr_product(*incidence.forward, weight_E, source_SD)

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Any) -> Any:
        grad_TD = grad_outputs[0].contiguous()
        source_SD, weight_E = ctx.saved_tensors
        edges: Incidence = ctx.incidence
        row_ED = grad_TD.index_select(0, edges.target_E).mul_(source_SD.index_select(0, edges.source_E))
        return csr_product(*edges.backward, weight_E[edges.by_source_E], grad_TD), row_ED.sum(dim=1), None


def _offsets(sorted_E: Tensor, count: int) -> Tensor:
    counts = torch.bincount(sorted_E, minlength=count)
    return torch.cat([counts.new_zeros(1), counts.cumsum(0)]).int()
