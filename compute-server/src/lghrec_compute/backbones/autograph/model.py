"""AutoGraph (Shan et al. 2024, "An Automatic Graph Construction Framework based on Large Language Models for
Recommendation").

Latent codes of the items' semantic ids, and of the users, are nodes of the graph. Graph attention passes
messages from nodes to their codes and back, and then along the interactions. The loss is the cross-entropy of
a train item among sampled items, or BPR.

    c = attention(members -> code),  h = attention([c + code] -> member),  g = attention(h of the others -> h)
    z = W [e + g], with [ + ] the concatenation and one matrix W for users and one for items
    loss = ranking + w (mean over the users a of the batch of -log p_a + the same over its positive items)
    p_a  = e^{cos(e_a, g_a)/t} / sum over v of a's type of e^{cos(e_a, g_v)/t}

The second term is the structural contrast of LGHRec (eqs 56-58), which gives a policy something to act on.
AutoGraph itself has no contrast; `contrast_weight` 0 gives its own loss.

Codes are residual k-means codes. The vector of an item is its semantic id or, without semantic ids, its row
of the singular value decomposition of the normalized interactions, of rank 64 and unit length. The vector of
a user is the mean over their train items, of unit length.

Departures from the released code, whose task is the next item: all-item ranking; no autoencoder before
k-means; no texts of users, no fields of users and items, and no history: W replaces the MLPs; one ego table
and one code table per type for both metapaths; all neighbors instead of 15; an interaction stays in its own
metapath; a leaky ReLU after the metapath; attention weights are trained, while the optimizer of the code
never receives them.

Shapes: B rows of the batch, C size of an item vector, D embedding size, F numbers of all heads, H levels of
codes, I items, M sampled items, N nodes of one type, Q rank, U users, V nodes, X ego embedding and metapath
output.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import normalize

from lghrec_compute.backbones.autograph.metapath import Metapath
from lghrec_compute.backbones.base import Backbone, Step
from lghrec_compute.backbones.parts.inputs import Inputs, StepContext
from lghrec_compute.backbones.parts.views import ViewPair, view_contrasts
from lghrec_compute.graph import Graph, low_rank
from lghrec_compute.graph.adjacency import interaction_ends
from lghrec_compute.graph.incidence import Incidence, build_incidence
from lghrec_compute.graph.residual_codes import residual_codes
from lghrec_compute.objectives import Contrast, Form
from lghrec_compute.objectives.gather import embedding
from lghrec_compute.objectives.sampled_softmax import sampled_softmax_loss
from lghrec_compute.spec.backbone import AutoGraphBackbone

_BATCH_ROWS = 4096
"""Rows of a batch that the estimate of memory assumes."""
_MAX_CODES, _NODES_PER_CODE = 256, 8
"""Default number of codes per level: at most 256, and at least 8 nodes per code on average."""
_RANK = 64


class AutoGraph(Backbone[AutoGraphBackbone]):
    """Graph attention over users, items and latent codes of their texts."""

    def __init__(self, inputs: Inputs, spec: AutoGraphBackbone) -> None:
        super().__init__(inputs, spec)
        self.num_negatives = spec.num_negatives if spec.ranking_loss == "softmax" else 0
        dim, seed = inputs.ego.node_VD.shape[1], inputs.seed
        self.edges = _interactions(inputs.graph)
        # three attentions and the joined embeddings with their gradients; scores of edges and two rows of one
        # head; sampled items of a large batch
        num_numbers = inputs.graph.num_edges * (10 * spec.heads + 2 * -(-dim // spec.heads))
        num_numbers += 4 * _BATCH_ROWS * self.num_negatives * dim
        self.step_tables = 26 + num_numbers // (inputs.graph.num_nodes * dim)
        both = latent_codes(inputs, self.edges[0], num_levels=spec.codebooks, num_codes=spec.codes)
        self.users, self.items = (
            Metapath(code_NH, num_codes, dim, heads=spec.heads, seed=seed + number)
            for number, (code_NH, num_codes) in enumerate(both, 1)
        )
        generator = torch.Generator().manual_seed(seed + 3)
        joins_DX = [nn.init.xavier_uniform_(torch.empty(dim, 2 * dim), generator=generator) for _ in range(2)]
        self.user_join_DX, self.item_join_DX = map(nn.Parameter, joins_DX)

    def encode(self, ego_VD: Tensor) -> Tensor:
        """Return the joined ego embeddings and metapath outputs, without dropout."""
        return self._join(ego_VD, self._paths(ego_VD, 0.0))

    def encode_training(self, ego_VD: Tensor) -> Tensor:
        """Return the same with dropout. The contrasts of the step use the metapath output."""
        self.path_VD = self._paths(ego_VD, self.spec.dropout)
        return self._join(ego_VD, self.path_VD)

    def structural_view(self, context: StepContext) -> Tensor:  # noqa: ARG002
        """Return the metapath output."""
        return self.path_VD

    def contrasts(self, context: StepContext) -> tuple[Contrast, ...]:
        """Return two tasks, of users and of items: ego embeddings against metapath outputs."""
        form = Form(self.spec.temperature)
        pair = ViewPair(context.ego_VD, self.path_VD, form, self.spec.contrast_weight, "all")
        return view_contrasts(self.graph, context, pair)

    def losses(self, context: StepContext, step: Step) -> Step:
        """Replace BPR by the cross-entropy among sampled items, if the spec selects it."""
        if self.num_negatives == 0:
            return step
        negative_BMD = embedding(self._sampled_items(context.ids.positive), context.nodes_VD)
        loss = sampled_softmax_loss(context.rows.user, context.rows.positive, negative_BMD)
        return replace(step, ranking=None, extra={"ranking": loss})

    def _sampled_items(self, positive_B: Tensor) -> Tensor:
        """Draw items [B, M] uniformly from all items with a train interaction, except the positive one."""
        first, warm_N = self.graph.num_users, self.graph.warm_items
        index_B = positive_B - first if warm_N is None else torch.searchsorted(warm_N, positive_B)
        num_others = (self.graph.num_items if warm_N is None else len(warm_N)) - 1
        shape = (len(positive_B), self.num_negatives)
        drawn_BM = torch.randint(num_others, shape, device=positive_B.device)
        drawn_BM += drawn_BM >= index_B[:, None]
        return drawn_BM + first if warm_N is None else warm_N[drawn_BM]

    def _paths(self, ego_VD: Tensor, rate: float) -> Tensor:
        user_UD, item_ID = ego_VD[: self.graph.num_users], ego_VD[self.graph.num_users :]
        user_UF, item_IF = self.users.latent(user_UD), self.items.latent(item_ID)
        from_items, from_users = self.edges
        user_path_UD = self.users(user_UF, item_IF, from_items, rate)
        return torch.cat([user_path_UD, self.items(item_IF, user_UF, from_users, rate)])

    def _join(self, ego_VD: Tensor, path_VD: Tensor) -> Tensor:
        both_VX = torch.cat([ego_VD, path_VD], dim=1)
        user_UX, item_IX = both_VX[: self.graph.num_users], both_VX[self.graph.num_users :]
        return torch.cat([user_UX @ self.user_join_DX.T, item_IX @ self.item_join_DX.T])


class Codes(NamedTuple):
    """Codes of each node of a type, int64 [N, H], and the number of codes of all levels."""

    code_NH: Tensor
    num_codes: int


def latent_codes(
    inputs: Inputs, from_items: Incidence, *, num_levels: int, num_codes: int | None
) -> tuple[Codes, Codes]:
    """Return the codes of users and of items. `from_items` are the edges from items to their users."""
    item_IC = _item_vectors(inputs)
    sum_UC = item_IC.new_zeros(inputs.graph.num_users, item_IC.shape[1])
    sum_UC.index_add_(0, from_items.target_E, item_IC.index_select(0, from_items.source_E))
    users, items = (
        _codes(points_NC, num_levels, num_codes, inputs.seed) for points_NC in (normalize(sum_UC), item_IC)
    )
    return users, items


def _interactions(graph: Graph) -> tuple[Incidence, Incidence]:
    """Return the edges from items to users and from users to items. Both are numbered from 0."""
    user_E, item_E = torch.from_numpy(interaction_ends(graph)).to(graph.adjacency.device)
    return (
        build_incidence(item_E, user_E, graph.num_items, graph.num_users),
        build_incidence(user_E, item_E, graph.num_users, graph.num_items),
    )


def _item_vectors(inputs: Inputs) -> Tensor:
    if inputs.semantic_IC is not None:
        return inputs.semantic_IC.to(inputs.graph.adjacency.dtype)
    left_UQ, right_IQ = low_rank(inputs.graph, _RANK, seed=inputs.seed)
    return normalize(right_IQ * left_UQ.norm(dim=0))


def _codes(points_NC: Tensor, num_levels: int, num_codes: int | None, seed: int) -> Codes:
    num_codes = num_codes or max(1, min(len(points_NC) // _NODES_PER_CODE, _MAX_CODES))
    num_codes = min(num_codes, len(points_NC))
    return Codes(residual_codes(points_NC, num_codes, num_levels, seed=seed), num_levels * num_codes)
