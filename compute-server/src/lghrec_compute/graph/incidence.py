"""Edges from one set of nodes to another, and sums over the edges of a target. Shapes: types.py.

S counts sources, T targets, E edges.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from lghrec_compute.graph.product import csr_product


@dataclass(frozen=True)
class Incidence:
    """Edges sorted by target: int64 ends of each, and their places in the order by source.

    `forward` and `backward` are offsets and columns, int32, of CSR [T, S] and of CSR [S, T].
    """

    source_E: Tensor
    target_E: Tensor
    turned_E: Tensor
    forward: tuple[Tensor, Tensor]
    backward: tuple[Tensor, Tensor]

    @property
    def num_targets(self) -> int:
        """T."""
        return len(self.forward[0]) - 1


def build_incidence(source_E: Tensor, target_E: Tensor, num_sources: int, num_targets: int) -> Incidence:
    """Sorts edges, in any order, by target and then as they come."""
    order_E = torch.argsort(target_E, stable=True)
    source_E, target_E = source_E[order_E], target_E[order_E]
    turned_E = torch.argsort(source_E, stable=True)
    forward = (_offsets(target_E, num_targets), source_E.int())
    backward = (_offsets(source_E, num_sources), target_E[turned_E].int())
    return Incidence(source_E, target_E, turned_E, forward, backward)


def softmax_by_target(score_HE: Tensor, incidence: Incidence) -> Tensor:
    """Softmax of scores [H, E] over the edges of each target; any score keeps it finite."""
    target_HE = incidence.target_E.expand_as(score_HE)
    blank_HT = score_HE.new_zeros(len(score_HE), incidence.num_targets)
    with torch.no_grad():
        peak_HT = (blank_HT - torch.inf).scatter_reduce(1, target_HE, score_HE, "amax")
    share_HE = torch.exp(score_HE - peak_HT.gather(1, target_HE))
    return share_HE / blank_HT.scatter_add(1, target_HE, share_HE).gather(1, target_HE)


def weighted_sum(source_SD: Tensor, weight_E: Tensor, incidence: Incidence) -> Tensor:
    """sum over a target's edges of weight x source row, [T, D]; zero for a target without edges.

    As sparse products both ways, so that no table [E, D] is written.
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
        return csr_product(*edges.backward, weight_E[edges.turned_E], grad_TD), row_ED.sum(dim=1), None


def _offsets(sorted_E: Tensor, count: int) -> Tensor:
    counts = torch.bincount(sorted_E, minlength=count)
    return torch.cat([counts.new_zeros(1), counts.cumsum(0)]).int()
