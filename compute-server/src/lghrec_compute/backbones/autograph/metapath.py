"""Graph attention and metapaths of AutoGraph."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import dropout, leaky_relu

from lghrec_compute.graph.incidence import Incidence, build_incidence, softmax_by_target, weighted_sum

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


class Metapath(nn.Module):
    """Codes gather from members, members from their codes, and each from the nodes it has interacted with.

    c = att(members -> code), h = att([c + code] -> member), both of `latent`; and of `forward`
    g = dropout(leaky(V att(h of the others -> h) + v)). Codes are nodes with rows of their own. Leaky, and
    not the original's relu: three means in a row leave nodes so alike at the start that a unit is off for all
    of them, and half of the units would never learn.
    """

    code_NH: Tensor

    def __init__(self, code_NH: Tensor, num_codes: int, dim: int, *, heads: int, seed: int) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(seed)
        width = -(-dim // heads)
        size = heads * width

        def attention(source_dim: int, target_dim: int) -> GraphAttention:
            return GraphAttention(source_dim, target_dim, heads=heads, width=width, generator=generator)

        def drawn(*shape: int) -> nn.Parameter:
            return nn.Parameter(nn.init.xavier_uniform_(torch.empty(*shape), generator=generator))

        # kept in checkpoints: another number of threads may give other last bits, and so another code
        self.register_buffer("code_NH", code_NH)
        self.register_load_state_dict_post_hook(lambda _module, _keys: self._forget_edges())
        self._forget_edges()
        self.code_KD = drawn(num_codes, dim)
        self.to_codes = attention(dim, dim)
        self.to_members = attention(size + dim, dim)
        self.to_node = attention(size, size)
        self.weight_DF = drawn(dim, size)
        self.bias_D = nn.Parameter(torch.zeros(dim))

    def latent(self, ego_ND: Tensor) -> Tensor:
        """h of all nodes of the type, [N, F]."""
        gather, spread = self._edges or self._join()
        latent_KF = self.to_codes(ego_ND, self.code_KD, gather)
        return self.to_members(torch.cat([latent_KF, self.code_KD], dim=1), ego_ND, spread)

    def forward(self, latent_NF: Tensor, other_SF: Tensor, edges: Incidence, rate: float) -> Tensor:
        """g, [N, D], from the others' h along interactions; `rate` of the dropout."""
        path_ND = torch.addmm(self.bias_D, self.to_node(other_SF, latent_NF, edges), self.weight_DF.T)
        return dropout(leaky_relu(path_ND, SLOPE), rate, training=rate > 0)

    def _join(self) -> tuple[Incidence, Incidence]:
        """Edges from members to codes, and back; made when first used, on the device of then."""
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
