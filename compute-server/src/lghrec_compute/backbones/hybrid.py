"""Users, items, entities and interests in one graph, and its parts. Shapes: types.py.

Nodes are numbered in that order, so that the first V are those of the interaction graph.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from lghrec_compute.backbones.inputs import Knowledge
from lghrec_compute.graph import Graph
from lghrec_compute.graph.adjacency import symmetric_csr
from lghrec_compute.types import Ints


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
