"""Graph attention, and the metapaths of AutoGraph between nodes and their latent codes.

Shapes: C embedding size of the targets, D embedding size, E edges, F numbers of all heads, H attention heads
or levels of codes, K codes of all levels, N nodes of one type, S sources, T targets.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import dropout, leaky_relu

from lghrec_compute.graph.incidence import Incidence, build_incidence, softmax_by_target, weighted_sum

_SLOPE = 0.2


class GraphAttention(nn.Module):
    """Graph attention from nodes of one kind to nodes of another kind (Velickovic et al. 2018).

    A head computes sum over the edges of a target t of softmax(leaky(a . W x_s + b . x_t)) W x_s, and the
    output concatenates the heads. The original projects the targets as well. This projection enters only the
    scores, so that one vector b per head is equivalent. [S, D], [T, C] -> [T, F]; zero for a target without
    edges.
    """

    def __init__(
        self, source_dim: int, target_dim: int, *, heads: int, width: int, generator: torch.Generator
    ) -> None:
        super().__init__()

        def xavier(*shape: int) -> nn.Parameter:
            return nn.Parameter(nn.init.xavier_uniform_(torch.empty(*shape), generator=generator))

        self.heads, self.width = heads, width
        self.source_weight = xavier(heads * width, source_dim)
        self.source_score = xavier(heads, width)
        self.target_score = xavier(heads, target_dim)

    def forward(self, source_SD: Tensor, target_TC: Tensor, edges: Incidence) -> Tensor:
        """Return the output of all targets."""
        value_SHF = (source_SD @ self.source_weight.T).view(-1, self.heads, self.width)
        source_HS = (value_SHF * self.source_score).sum(dim=2).T
        target_HT = self.target_score @ target_TC.T
        score_HE = source_HS.index_select(1, edges.source_E) + target_HT.index_select(1, edges.target_E)
        share_HE = softmax_by_target(leaky_relu(score_HE, _SLOPE), edges)
        sums = [
            weighted_sum(value_SF.contiguous(), share_E, edges)
            for value_SF, share_E in zip(value_SHF.unbind(1), share_HE, strict=True)
        ]
        return torch.cat(sums, dim=1)


class Metapath(nn.Module):
    """The latent codes of one type of nodes, and the metapath from the nodes of the other type.

    Codes are nodes with embeddings. `latent` computes c = attention(members -> code), and then
    h = attention([c + code embedding] -> member). `forward` computes
    g = dropout(leaky(V attention(h of the other type -> h) + v)) along the interactions.

    The activation is a leaky ReLU and not the ReLU of the original: after three averages nodes are so similar
    at the start that a unit is off for all of them, and half of the units would never learn.
    """

    code_NH: Tensor

    def __init__(self, code_NH: Tensor, num_codes: int, dim: int, *, heads: int, seed: int) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(seed)
        width = -(-dim // heads)
        size = heads * width

        def attention(source_dim: int, target_dim: int) -> GraphAttention:
            return GraphAttention(source_dim, target_dim, heads=heads, width=width, generator=generator)

        def xavier(*shape: int) -> nn.Parameter:
            return nn.Parameter(nn.init.xavier_uniform_(torch.empty(*shape), generator=generator))

        # checkpoints contain the codes: another number of threads may compute other bits, and so other codes
        self.register_buffer("code_NH", code_NH)
        self.register_load_state_dict_post_hook(lambda _module, _keys: self._forget_edges())
        self._forget_edges()
        self.code_KD = xavier(num_codes, dim)
        self.to_codes = attention(dim, dim)
        self.to_members = attention(size + dim, dim)
        self.to_node = attention(size, size)
        self.weight_DF = xavier(dim, size)
        self.bias_D = nn.Parameter(torch.zeros(dim))

    def latent(self, ego_ND: Tensor) -> Tensor:
        """Return h of all nodes of the type, [N, F]."""
        to_codes, to_members = self._edges or self._build_edges()
        latent_KF = self.to_codes(ego_ND, self.code_KD, to_codes)
        return self.to_members(torch.cat([latent_KF, self.code_KD], dim=1), ego_ND, to_members)

    def forward(self, latent_NF: Tensor, other_SF: Tensor, edges: Incidence, rate: float) -> Tensor:
        """Return g, [N, D], from h of the other type along interactions; `rate` is the dropout rate."""
        path_ND = torch.addmm(self.bias_D, self.to_node(other_SF, latent_NF, edges), self.weight_DF.T)
        return dropout(leaky_relu(path_ND, _SLOPE), rate, training=rate > 0)

    def _build_edges(self) -> tuple[Incidence, Incidence]:
        """Build the edges from members to codes and back, at the first use, on the device of that moment."""
        num_nodes, num_levels = self.code_NH.shape
        node_E = torch.arange(num_nodes, device=self.code_NH.device).repeat_interleave(num_levels)
        code_E, num_codes = self.code_NH.flatten(), len(self.code_KD)
        self._edges = (
            build_incidence(node_E, code_E, num_nodes, num_codes),
            build_incidence(code_E, node_E, num_codes, num_nodes),
        )
        return self._edges

    def _forget_edges(self) -> None:
        self._edges: tuple[Incidence, Incidence] | None = None
