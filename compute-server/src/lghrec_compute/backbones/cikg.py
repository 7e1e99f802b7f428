"""CIKG."""

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
from lghrec_compute.graph.adjacency import symmetric_csr
from lghrec_compute.objectives import Contrast, Form
from lghrec_compute.types import Ints


class Cikg(Backbone):
    """LightGCN on interactions, item knowledge and users' interests in one graph (CIKG, 2025), as released.

    z = layers' mean on the whole graph, with self loops. Beside BPR:
    reconstruction of masked interests (`Reconstruction`), of which a share
    min(max, min (max / min)^(epoch / mask_epochs)), epochs from 0, is masked anew each step; and for the
    users of the batch, and its items, -log e^{cos(v1_a, v_a)/t} / sum over k of e^{cos(v1_a, v_k)/t}, with
    v1: noisy layers' mean on the whole graph without self loops (`hybrid`, what the released code does) or on
        the interactions (`cf`, what the paper says);
    v:  of users on users and interests, k all users; of items on items and entities, k whatever is no user;
        both with self loops and without interactions, cold nodes among them.
    The paper's code has BPR at 1.5 to 1.8, which the weights here are to be read against, and on one data set
    a loss on relations, which is left out. Without knowledge v are the ego rows. Drawn candidates are users
    and items alone.
    """

    def __init__(
        self,
        inputs: Inputs,
        *,
        layers: int,
        temperature: float,
        contrast_weight: float,
        noise: float,
        reconstruction_weight: float,
        mask_rate_min: float,
        mask_rate_max: float,
        mask_epochs: int,
        replace_rate: float,
        reconstruction_power: float,
        cf_view: Literal["hybrid", "cf"],
    ) -> None:
        super().__init__(inputs)
        self.layers, self.noise = layers, noise
        self.form, self.contrast_weight = Form(temperature), contrast_weight
        self.reconstruction_weight, self.power = reconstruction_weight, reconstruction_power
        self.rates, self.mask_epochs = (mask_rate_min, mask_rate_max), mask_epochs
        self.mask_rate, self.replace_rate = mask_rate_min, replace_rate
        self.hybrid = hybrid = build_hybrid(inputs.graph, inputs.knowledge, cf_view)
        num_more = hybrid.num_entities + hybrid.num_interests
        dim = inputs.ego.node_VD.shape[1]
        self.step_tables = hybrid.step_tables(inputs.graph.num_nodes, dim)
        # to a contrast all that is no user is of the items' type, and none of it is cold
        num_items = inputs.graph.num_items + num_more
        self.types = replace(inputs.graph, num_items=num_items, warm_users=None, warm_items=None)
        self.more_WD = None
        if num_more:
            generator = torch.Generator().manual_seed(inputs.seed + 1)  # the ego table has the seed itself
            self.more_WD = nn.Parameter(torch.empty(num_more, dim))
            nn.init.xavier_uniform_(self.more_WD, generator=generator)
        self.reconstruction = None
        if hybrid.num_interests and reconstruction_weight > 0:
            seed = inputs.seed + 2
            self.reconstruction = Reconstruction(hybrid.full, hybrid.num_interests, dim, seed=seed)

    def on_epoch(self, epoch: int, *, resumed: bool) -> None:  # noqa: ARG002
        """Masks more from epoch to epoch."""
        low, high = self.rates
        self.mask_rate = min(high, low * (high / low) ** ((epoch - 1) / self.mask_epochs))

    def encode(self, ego_VD: Tensor) -> Tensor:
        """The layers' mean on the whole graph, of users and items."""
        return propagate(self._all(ego_VD), self.hybrid.full, self.layers)[: self.graph.num_nodes]

    def contrasts(self, context: StepContext) -> tuple[Contrast, ...]:
        """Users against their interests, items against their knowledge."""
        all_WD, num_users = self._all(context.ego_VD), self.graph.num_users
        user_UD, thing_XD, interest_TD = self._types(all_WD)
        liked_UD = propagate(torch.cat([user_UD, interest_TD]), self.hybrid.interests, self.layers)[
            :num_users
        ]
        known_XD = propagate(thing_XD, self.hybrid.things, self.layers)
        key_WD = torch.cat([liked_UD, known_XD, interest_TD])
        pair = ViewPair(self._collaborative(all_WD), key_WD, self.form, self.contrast_weight, "all")
        return view_contrasts(self.types, context, pair)

    def losses(self, context: StepContext, step: Step) -> Step:
        """Adds the reconstruction."""
        if self.reconstruction is None:
            return step
        masked = self.reconstruction.draw(self.mask_rate, self.replace_rate)
        loss = self.reconstruction(self._all(context.ego_VD), masked, self.power)
        return replace(step, extra={"reconstruction": self.reconstruction_weight * loss})

    def _collaborative(self, all_WD: Tensor) -> Tensor:
        """v1, of users and items at least."""
        start_WD = all_WD[: self.hybrid.cf.shape[0]]
        clean_WD = propagate(start_WD, self.hybrid.cf, self.layers)
        if self.noise == 0:
            return clean_WD
        return propagate_noisily(start_WD, self.hybrid.cf, self.layers, noise=self.noise, clean_VD=clean_WD)

    def _all(self, ego_VD: Tensor) -> Tensor:
        return ego_VD if self.more_WD is None else torch.cat([ego_VD, self.more_WD])

    def _types(self, all_WD: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Rows of users, of items and entities, of interests."""
        num_things = self.graph.num_items + self.hybrid.num_entities
        return all_WD.split([self.graph.num_users, num_things, self.hybrid.num_interests])  # pyright: ignore[reportReturnType]


@dataclass(frozen=True)
class HybridGraphs:
    """Normalised adjacencies, each by its own degrees.

    `full` [W, W]: all edges and self loops. `cf`: the same without self loops, or the interactions alone
    [V, V]. `interests`: users, then interests; `things`: items, then entities; both with self loops.
    """

    full: Tensor
    cf: Tensor
    interests: Tensor
    things: Tensor
    num_entities: int
    num_interests: int

    def step_tables(self, num_nodes: int, dim: int) -> int:
        """Six encodings and what lies between them, with gradients, and the graphs; in tables [V, D]."""
        parts = (self.full, self.cf, self.interests, self.things)
        # an entry has an index beside its value
        num_numbers = 18 * self.full.shape[0] * dim + 2 * sum(part.values().numel() for part in parts)
        return -(-num_numbers // (num_nodes * dim))


def build_hybrid(graph: Graph, knowledge: Knowledge | None, cf_view: Literal["hybrid", "cf"]) -> HybridGraphs:
    """Joins interactions and knowledge; without knowledge the interactions and self loops are left."""
    num_users, num_items, num_nodes = graph.num_users, graph.num_items, graph.num_nodes
    num_entities = knowledge.num_entities if knowledge else 0
    num_interests = knowledge.num_interests if knowledge else 0
    liked = _edges(knowledge and (knowledge.user_F, knowledge.interest_F))
    known = _edges(knowledge and (knowledge.head_E, knowledge.tail_E))
    num_all = num_nodes + num_entities + num_interests
    liked_at = liked + np.array([[0], [num_nodes + num_entities]])
    edges = np.concatenate([_interactions(graph), known + num_users, liked_at], axis=1)
    cf = graph.adjacency if cf_view == "cf" else _normalised(edges, num_all, graph, loops=False)
    return HybridGraphs(
        _normalised(edges, num_all, graph, loops=True),
        cf,
        _normalised(liked + np.array([[0], [num_users]]), num_users + num_interests, graph, loops=True),
        _normalised(known, num_items + num_entities, graph, loops=True),
        num_entities,
        num_interests,
    )


def _interactions(graph: Graph) -> Ints:
    """Both ends of each, [2, E]: users are the first rows of the adjacency."""
    offset_U = graph.adjacency.crow_indices()[: graph.num_users + 1].cpu().numpy()
    item_E = graph.adjacency.col_indices()[: graph.num_edges].cpu().numpy().astype(np.int64)
    return np.stack([np.repeat(np.arange(graph.num_users), np.diff(offset_U)), item_E])


def _edges(ends: tuple[Tensor, Tensor] | None) -> Ints:
    if ends is None:
        return np.zeros((2, 0), np.int64)
    return torch.stack(ends).cpu().numpy()


def _normalised(edges: Ints, num_nodes: int, like: Graph, *, loops: bool) -> Tensor:
    own = np.arange(num_nodes if loops else 0)
    row_E = np.concatenate([edges[0], edges[1], own])
    column_E = np.concatenate([edges[1], edges[0], own])
    order_E = np.lexsort((column_E, row_E))
    device, dtype = like.adjacency.device, like.adjacency.dtype
    return symmetric_csr(row_E[order_E], column_E[order_E], num_nodes, device=device, dtype=dtype)


_ENCODER_LAYERS, _DECODER_LAYERS = 2, 1


class Masked(NamedTuple):
    """Places of the masked interests [M] among all, and of those whose rows the last of them get instead."""

    index_M: Tensor
    replacement_R: Tensor


class Reconstruction(nn.Module):
    """mean over the masked t of (1 - cos(r_t, e_t))^power (CIKG, 2025, after GraphMAE, Hou et al. 2022).

    Their ego rows give way to a token that is learnt, or, for a share `replace_rate` of them, to another
    interest's row; then r = g(W f(e)) with f two layers' mean on the whole graph, W a matrix, and g one
    layer's mean in which the masked rows are zero. As released, e_t is not detached.
    """

    def __init__(self, adjacency: Tensor, num_interests: int, dim: int, *, seed: int) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(seed)
        self.adjacency = adjacency
        self.first, self.num_interests = adjacency.shape[0] - num_interests, num_interests
        self.token_D = nn.Parameter(torch.zeros(dim))
        self.weight_DD = nn.Parameter(nn.init.xavier_uniform_(torch.empty(dim, dim), generator=generator))

    def draw(self, rate: float, replace_rate: float) -> Masked:
        """Masks a share `rate` of the interests, one at least, by the device's random numbers."""
        count = max(1, int(rate * self.num_interests))
        index_T = torch.randperm(self.num_interests, device=self.token_D.device)
        other_T = torch.randperm(self.num_interests, device=self.token_D.device)
        return Masked(index_T[:count], other_T[: int(replace_rate * count)])

    def forward(self, all_WD: Tensor, masked: Masked, power: float) -> Tensor:
        """The loss for all ego rows [W, D], interests last; a scalar in [0, 2^power]."""
        index_M = masked.index_M + self.first
        num_tokens = len(index_M) - len(masked.replacement_R)
        other_RD = all_WD.index_select(0, masked.replacement_R + self.first)
        hidden_MD = torch.cat([self.token_D.expand(num_tokens, -1), other_RD])
        code_WD = propagate(all_WD.index_copy(0, index_M, hidden_MD), self.adjacency, _ENCODER_LAYERS)
        code_WD = linear(code_WD, self.weight_DD).index_fill(0, index_M, 0.0)
        made_MD = propagate(code_WD, self.adjacency, _DECODER_LAYERS).index_select(0, index_M)
        cosine_M = cosine_similarity(made_MD, all_WD.index_select(0, index_M))
        return (1 - cosine_M).clamp(min=0).pow(power).mean()  # rounding may leave it below 0
