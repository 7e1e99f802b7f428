"""CIKG (Hu et al. 2025, "Bridging the User-side Knowledge Gap in Knowledge-aware Recommendations with Large
Language Models"), as released under the name CIKGRec.

One graph connects users, items, entities of an item knowledge graph, and interests of users. The encoder is
LightGCN on this graph, and the ranking loss is BPR. Two contrasts compare a collaborative view of the users
with their interests, and of the items with their knowledge, and masked interests are reconstructed.

    z    = mean over the layers on the whole graph with self loops
    loss = BPR + w (mean over the users a of the batch of -log p_a + the same over its positive items) + r R
    p_a  = e^{cos(v1_a, v_a)/t} / sum over k of e^{cos(v1_a, v_k)/t}
    v1   = noisy mean over the layers, as in SimGCL, on the whole graph without self loops (`hybrid`, the
           released code) or on the interactions (`cf`, the paper)
    v    = for users the mean over the layers on users and interests, with k all users; for items on items and
           entities, with k all nodes that are no users; both graphs have self loops and no interactions
    R    = mean over the masked interests of (1 - cos(r, e))^power, see `Reconstruction`

The share of the interests that each step masks is min(max, min (max/min)^(epoch / mask_epochs)), with epochs
from 0. Without knowledge v are the ego embeddings. If a policy requests pools, they contain users and items
only.

Departures from the released code: the weights are relative to a weight of 1 for BPR, where the code has 1.5
to 1.8; the graphs of v have self loops on interests and entities too, and the graph of the reconstruction
always has them, which changes each loss by less than 1 %; there is no edge dropout, no message dropout and no
loss on relations, which some of its three configurations use, and the encoder of the reconstruction has two
layers.

Shapes: D embedding size, E edges, I items, M masked interests, R replaced interests, T interests, U users,
V users and items, W all nodes (users, items, entities, interests), X items and entities.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import cosine_similarity, linear

from lghrec_compute.backbones.base import Backbone, Step
from lghrec_compute.backbones.parts.inputs import Inputs, Knowledge, StepContext
from lghrec_compute.backbones.parts.views import ViewPair, view_contrasts
from lghrec_compute.graph import Graph, propagate, propagate_noisily
from lghrec_compute.graph.adjacency import interaction_ends, symmetric_csr
from lghrec_compute.objectives import Contrast, Form
from lghrec_compute.spec.backbone import CikgBackbone
from lghrec_compute.types import Ints

_ENCODER_LAYERS, _DECODER_LAYERS = 2, 1


class Cikg(Backbone[CikgBackbone]):
    """LightGCN on interactions, item knowledge and user interests, with contrasts and a reconstruction."""

    def __init__(self, inputs: Inputs, spec: CikgBackbone) -> None:
        super().__init__(inputs, spec)
        self.mask_rate = spec.mask_rate_min
        self.hybrid = hybrid = build_hybrid(inputs.graph, inputs.knowledge, spec.cf_view)
        num_more = hybrid.num_entities + hybrid.num_interests
        dim = inputs.ego.node_VD.shape[1]
        self.step_tables = hybrid.step_tables(inputs.graph.num_nodes, dim)
        # for the contrast all nodes that are no users have the type of the items, and none of them is cold
        num_items = inputs.graph.num_items + num_more
        self.types = replace(inputs.graph, num_items=num_items, warm_users=None, warm_items=None)
        self.more_WD = None
        if num_more:
            generator = torch.Generator().manual_seed(inputs.seed + 1)  # the ego table uses the seed itself
            self.more_WD = nn.Parameter(torch.empty(num_more, dim))
            nn.init.xavier_uniform_(self.more_WD, generator=generator)
        self.reconstruction = None
        if hybrid.num_interests and spec.reconstruction_weight > 0:
            seed = inputs.seed + 2
            self.reconstruction = Reconstruction(hybrid.full, hybrid.num_interests, dim, seed=seed)

    def on_epoch(self, epoch: int, *, resumed: bool) -> None:  # noqa: ARG002
        """Raise the share of masked interests."""
        low, high = self.spec.mask_rate_min, self.spec.mask_rate_max
        self.mask_rate = min(high, low * (high / low) ** ((epoch - 1) / self.spec.mask_epochs))

    def encode(self, ego_VD: Tensor) -> Tensor:
        """Return the mean over layers on the whole graph, of users and items."""
        return propagate(self._all(ego_VD), self.hybrid.full, self.spec.layers)[: self.graph.num_nodes]

    def contrasts(self, context: StepContext) -> tuple[Contrast, ...]:
        """Return two tasks: users against their interests, and items against their knowledge."""
        all_WD, layers = self._all(context.ego_VD), self.spec.layers
        user_UD, thing_XD, interest_TD = self._by_type(all_WD)
        liked_WD = propagate(torch.cat([user_UD, interest_TD]), self.hybrid.interests, layers)
        liked_UD = liked_WD[: self.graph.num_users]
        known_XD = propagate(thing_XD, self.hybrid.things, layers)
        candidate_WD = torch.cat([liked_UD, known_XD, interest_TD])
        form = Form(self.spec.temperature)
        pair = ViewPair(self._collaborative(all_WD), candidate_WD, form, self.spec.contrast_weight, "all")
        return view_contrasts(self.types, context, pair)

    def losses(self, context: StepContext, step: Step) -> Step:
        """Add the reconstruction of masked interests."""
        if self.reconstruction is None:
            return step
        masked = self.reconstruction.draw(self.mask_rate, self.spec.replace_rate)
        loss = self.reconstruction(self._all(context.ego_VD), masked, self.spec.reconstruction_power)
        return replace(step, extra={"reconstruction": self.spec.reconstruction_weight * loss})

    def _collaborative(self, all_WD: Tensor) -> Tensor:
        """Return v1, of users and items at least."""
        start_WD = all_WD[: self.hybrid.cf.shape[0]]
        layers, noise = self.spec.layers, self.spec.noise
        clean_WD = propagate(start_WD, self.hybrid.cf, layers)
        if noise == 0:
            return clean_WD
        return propagate_noisily(start_WD, self.hybrid.cf, layers, noise=noise, clean_VD=clean_WD)

    def _all(self, ego_VD: Tensor) -> Tensor:
        return ego_VD if self.more_WD is None else torch.cat([ego_VD, self.more_WD])

    def _by_type(self, all_WD: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return the embeddings of users, of items and entities, and of interests."""
        num_things = self.graph.num_items + self.hybrid.num_entities
        return all_WD.split([self.graph.num_users, num_things, self.hybrid.num_interests])  # pyright: ignore[reportReturnType]


@dataclass(frozen=True)
class HybridGraphs:
    """Normalized adjacencies, each by its own degrees.

    `full` [W, W] has all edges and self loops. `cf` is the same without self loops, or the interactions only
    [V, V]. `interests` connects users and interests, and `things` connects items and entities; both have self
    loops. Nodes are numbered users, items, entities, interests, so the first V are those of the interactions.
    """

    full: Tensor
    cf: Tensor
    interests: Tensor
    things: Tensor
    num_entities: int
    num_interests: int

    def step_tables(self, num_nodes: int, dim: int) -> int:
        """Return the memory of six encodings with their gradients, and of the graphs, in tables [V, D]."""
        parts = (self.full, self.cf, self.interests, self.things)
        # an entry has a value and an index
        num_numbers = 18 * self.full.shape[0] * dim + 2 * sum(part.values().numel() for part in parts)
        return -(-num_numbers // (num_nodes * dim))


def build_hybrid(graph: Graph, knowledge: Knowledge | None, cf_view: Literal["hybrid", "cf"]) -> HybridGraphs:
    """Join interactions and knowledge. Without knowledge the graph has interactions and self loops only."""
    num_users, num_items, num_nodes = graph.num_users, graph.num_items, graph.num_nodes
    num_entities = knowledge.num_entities if knowledge else 0
    num_interests = knowledge.num_interests if knowledge else 0
    liked = _edges(knowledge and (knowledge.user_F, knowledge.interest_F))
    known = _edges(knowledge and (knowledge.head_E, knowledge.tail_E))
    num_all = num_nodes + num_entities + num_interests
    liked_in_full = liked + np.array([[0], [num_nodes + num_entities]])
    clicked = interaction_ends(graph) + np.array([[0], [num_users]])
    edges = np.concatenate([clicked, known + num_users, liked_in_full], axis=1)
    cf = graph.adjacency if cf_view == "cf" else _normalized(edges, num_all, graph, loops=False)
    return HybridGraphs(
        _normalized(edges, num_all, graph, loops=True),
        cf,
        _normalized(liked + np.array([[0], [num_users]]), num_users + num_interests, graph, loops=True),
        _normalized(known, num_items + num_entities, graph, loops=True),
        num_entities,
        num_interests,
    )


def _edges(ends: tuple[Tensor, Tensor] | None) -> Ints:
    if ends is None:
        return np.zeros((2, 0), np.int64)
    return torch.stack(ends).cpu().numpy()


def _normalized(edges: Ints, num_nodes: int, like: Graph, *, loops: bool) -> Tensor:
    own = np.arange(num_nodes if loops else 0)
    row_E = np.concatenate([edges[0], edges[1], own])
    column_E = np.concatenate([edges[1], edges[0], own])
    order_E = np.lexsort((column_E, row_E))
    device, dtype = like.adjacency.device, like.adjacency.dtype
    return symmetric_csr(row_E[order_E], column_E[order_E], num_nodes, device=device, dtype=dtype)


class Masked(NamedTuple):
    """Indices of the masked interests [M], and of the interests [R] that replace the last R of them."""

    index_M: Tensor
    replacement_R: Tensor


class Reconstruction(nn.Module):
    """mean over the masked interests of (1 - cos(r, e))^power, after GraphMAE (Hou et al. 2022).

    The ego embeddings of the masked interests are replaced by a learned token or, for a share of them, by the
    embedding of another interest. Then r = g(W f(e)), with f the mean over two layers on the whole graph, W a
    matrix, and g the mean over one layer, before which the masked rows are set to zero. As in the released
    code, e carries a gradient.
    """

    def __init__(self, adjacency: Tensor, num_interests: int, dim: int, *, seed: int) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(seed)
        self.adjacency = adjacency
        self.first, self.num_interests = adjacency.shape[0] - num_interests, num_interests
        self.token_D = nn.Parameter(torch.zeros(dim))
        self.weight_DD = nn.Parameter(nn.init.xavier_uniform_(torch.empty(dim, dim), generator=generator))

    def draw(self, rate: float, replace_rate: float) -> Masked:
        """Mask a share `rate` of the interests, at least one, with the random numbers of the device."""
        count = max(1, int(rate * self.num_interests))
        index_T = torch.randperm(self.num_interests, device=self.token_D.device)
        other_T = torch.randperm(self.num_interests, device=self.token_D.device)
        return Masked(index_T[:count], other_T[: int(replace_rate * count)])

    def forward(self, all_WD: Tensor, masked: Masked, power: float) -> Tensor:
        """Return the loss for the ego embeddings [W, D] of all nodes, a scalar in [0, 2^power]."""
        index_M = masked.index_M + self.first
        num_tokens = len(index_M) - len(masked.replacement_R)
        other_RD = all_WD.index_select(0, masked.replacement_R + self.first)
        hidden_MD = torch.cat([self.token_D.expand(num_tokens, -1), other_RD])
        code_WD = propagate(all_WD.index_copy(0, index_M, hidden_MD), self.adjacency, _ENCODER_LAYERS)
        code_WD = linear(code_WD, self.weight_DD).index_fill(0, index_M, 0.0)
        decoded_MD = propagate(code_WD, self.adjacency, _DECODER_LAYERS).index_select(0, index_M)
        cosine_M = cosine_similarity(decoded_MD, all_WD.index_select(0, index_M))
        return (1 - cosine_M).clamp(min=0).pow(power).mean()  # rounding may make it negative
