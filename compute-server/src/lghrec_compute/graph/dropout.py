"""Graphs with random parts left out.

Shapes: E interactions or entries, I items, L layers, U users, V nodes (users, then items).
"""

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
"""(1 - 0.9) 10 is 0.9999999999999998 in binary, where 1 is meant."""


class GraphDropout:
    """Draws graphs without a share `rate`, in [0, 1), of the interactions or of the nodes.

    With the kind `edge`, floor((1 - rate) E) of the E interactions stay. With `node`, floor(rate U) users and
    floor(rate I) items are removed with all their interactions. Both are drawn without replacement, and
    depend only on `seed` and the key, so a resumed run draws the same graphs on any device. Both directions
    of an interaction are removed together, so each graph is symmetric to the bit. It is normalized by its own
    degrees. Source: SGL (Wu et al. 2021), section 3.1.
    """

    def __init__(self, graph: Graph, *, kind: Dropped, rate: float, seed: int) -> None:
        self._graph, self._kind, self._rate, self._seed = graph, kind, rate, seed
        self._user_E, self._item_E = interaction_ends(graph)
        self._by_item_E = np.argsort(self._item_E, kind="stable")

    def draw(self, *key: int) -> Tensor:
        """Draw the adjacency [V, V] of one graph, CSR. `key` are numbers from 0, such as epoch and view."""
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
            # floor((1 - rate) E) and not E - floor(rate E): the number of those that stay is specified
            return _some(random, num_edges, math.floor((1 - self._rate) * num_edges + _ROUNDING))
        gone_U, gone_I = (
            _some(random, count, math.floor(self._rate * count + _ROUNDING))
            for count in (self._graph.num_users, self._graph.num_items)
        )
        return ~(gone_U[self._user_E] | gone_I[self._item_E])


class ValueDropout:
    """Draws adjacencies without some of their entries, and with the other entries scaled up.

    Each entry is removed with probability `rate`, in [0, 1), independently in each layer of each draw, and
    independently for the two directions of an interaction. The others are divided by 1 - rate. The random
    numbers are those of the device.
    """

    def __init__(self, graph: Graph, rate: float) -> None:
        self._adjacency, self._rate = graph.adjacency, rate
        user_of_E = torch.argsort(graph.adjacency.col_indices()[: graph.num_edges], stable=True)
        item_of_E = torch.argsort(user_of_E) + graph.num_edges
        self._mirror_E = torch.cat([item_of_E, user_of_E])

    def draw(self, num_layers: int) -> tuple[list[Tensor], list[Tensor]]:
        """Draw the adjacency of each layer. Returns the adjacencies and their transposes."""
        values = self._adjacency.values()
        values_LE = [dropout(values, self._rate, training=True) for _ in range(num_layers)]
        forward = [self._with(values_E) for values_E in values_LE]
        return forward, [self._with(values_E[self._mirror_E]) for values_E in values_LE]

    def _with(self, values_E: Tensor) -> Tensor:
        whole = self._adjacency
        return torch.sparse_csr_tensor(
            whole.crow_indices(), whole.col_indices(), values_E, size=whole.shape, check_invariants=False
        )


def _some(random: np.random.Generator, count: int, chosen: int) -> Bools:
    """Return a mask of `count` values that is True at `chosen` random indices."""
    mask = np.zeros(count, dtype=np.bool_)
    mask[random.permutation(count)[:chosen]] = True
    return mask
