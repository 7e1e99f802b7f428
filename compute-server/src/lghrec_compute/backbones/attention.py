"""Attention from one set of nodes to another, over given edges. Shapes: types.py.

S counts sources, T targets, E edges, H heads, F numbers a head.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import leaky_relu

from lghrec_compute.graph.incidence import Incidence, softmax_by_target, weighted_sum

SLOPE = 0.2


class GraphAttention(nn.Module):
    """Heads side by side of sum over a target's edges of softmax(leaky(a . W x_s + b . x_t)) W x_s.

    Graph attention between two kinds of nodes (Velickovic et al. 2018). There the targets' own projection
    enters the scores alone, so here it is one vector b a head. [S, D], [T, C] -> [T, H F]; zero for a target
    without edges.
    """

    def __init__(
        self, source_dim: int, target_dim: int, *, heads: int, width: int, generator: torch.Generator
    ) -> None:
        super().__init__()

        def drawn(*shape: int) -> nn.Parameter:
            return nn.Parameter(nn.init.xavier_uniform_(torch.empty(*shape), generator=generator))

        self.heads, self.width = heads, width
        self.source_weight = drawn(heads * width, source_dim)
        self.source_score = drawn(heads, width)
        self.target_score = drawn(heads, target_dim)

    def forward(self, source_SD: Tensor, target_TC: Tensor, edges: Incidence) -> Tensor:
        """The targets' new rows."""
        value_SHF = (source_SD @ self.source_weight.T).view(-1, self.heads, self.width)
        source_HS = (value_SHF * self.source_score).sum(dim=2).T
        target_HT = self.target_score @ target_TC.T
        score_HE = source_HS.index_select(1, edges.source_E) + target_HT.index_select(1, edges.target_E)
        share_HE = softmax_by_target(leaky_relu(score_HE, SLOPE), edges)
        sums = [
            weighted_sum(value_SF.contiguous(), share_E, edges)
            for value_SF, share_E in zip(value_SHF.unbind(1), share_HE, strict=True)
        ]
        return torch.cat(sums, dim=1)
