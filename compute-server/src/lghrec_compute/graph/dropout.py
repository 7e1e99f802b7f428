"""Graphs with a part of the interactions left out, each normalised by its own degrees. Shapes: types.py."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import dropout

from lghrec_compute.graph.adjacency import Graph, interaction_ends, symmetric_csr
from lghrec_compute.types import Bools

Dropped = Literal["edge", "node"]

_ROUNDING = 1e-9
"""(1 - .9) 10 is .9999999999999998 in binary, and 1 to whoever wrote the rate."""


class GraphDropout:
    """Draws graphs that lack a share `rate`, in [0, 1), of what `kind` names.

    `edge`: floor((1 - rate) E) of the E interactions stay; `node`: floor(rate U) users and floor(rate I)
    items go, with all their interactions. Drawn without replacement, from `seed` and the key alone: a run
    that goes on has the same graphs, on any device. Both directions of an interaction go together, so a drawn
    graph is symmetric, to the bit. SGL, section 3.1 (Wu et al. 2021).
    """

    def __init__(self, graph: Graph, *, kind: Dropped, rate: float, seed: int) -> None:
        self._graph, self._kind, self._rate, self._seed = graph, kind, rate, seed
        self._user_E, self._item_E = interaction_ends(graph)
        self._by_item_E = np.argsort(self._item_E, kind="stable")

    def draw(self, *key: int) -> Tensor:
        """The adjacency [V, V] of one draw, CSR as a graph's own; `key`: epoch, view and the like, from 0."""
        random = np.random.Generator(np.random.Philox(np.random.SeedSequence((self._seed, *key, 2))))
        kept_E = self._kept(random)
        by_item_E = self._by_item_E[kept_E[self._by_item_E]]
        user_E, item_E = self._user_E[kept_E], self._item_E[kept_E]
        row_E = np.concatenate([user_E, self._item_E[by_item_E] + self._graph.num_users])
        column_E = np.concatenate([item_E + self._graph.num_users, self._user_E[by_item_E]])
        adjacency = self._graph.adjacency
        return symmetric_csr(
            row_E, column_E, self._graph.num_nodes, device=adjacency.device, dtype=adjacency.dtype
        )

    def _kept(self, random: np.random.Generator) -> Bools:
        if self._kind == "edge":
            num_edges = len(self._user_E)
            # of (1 - rate) E and not of rate E: it is the number of those that stay which is exact
            return _some(random, num_edges, math.floor((1 - self._rate) * num_edges + _ROUNDING))
        gone_U, gone_I = (
            _some(random, count, math.floor(self._rate * count + _ROUNDING))
            for count in (self._graph.num_users, self._graph.num_items)
        )
        return ~(gone_U[self._user_E] | gone_I[self._item_E])


class ValueDropout:
    """Leaves out entries of the adjacency, each direction of an interaction for itself; scales up the rest.

    Each entry goes with probability `rate`, in [0, 1), anew in each layer of each draw; the others are
    divided by 1 - rate. From the device's random numbers.
    """

    def __init__(self, graph: Graph, rate: float) -> None:
        self._adjacency, self._rate = graph.adjacency, rate
        user_of_E = torch.argsort(graph.adjacency.col_indices()[: graph.num_edges], stable=True)
        item_of_E = torch.argsort(user_of_E) + graph.num_edges
        self._mirror_E = torch.cat([item_of_E, user_of_E])

    def draw(self, num_layers: int) -> tuple[list[Tensor], list[Tensor]]:
        """The adjacency of each layer, and each turned over."""
        values = self._adjacency.values()
        values_LE = [dropout(values, self._rate, training=True) for _ in range(num_layers)]
        there = [self._with(values_E) for values_E in values_LE]
        return there, [self._with(values_E[self._mirror_E]) for values_E in values_LE]

    def _with(self, values_E: Tensor) -> Tensor:
        whole = self._adjacency
        return torch.sparse_csr_tensor(
            whole.crow_indices(), whole.col_indices(), values_E, size=whole.shape, check_invariants=False
        )


def _some(random: np.random.Generator, count: int, chosen: int) -> Bools:
    """True at `chosen` of `count` places."""
    mask = np.zeros(count, dtype=np.bool_)
    mask[random.permutation(count)[:chosen]] = True
    return mask
