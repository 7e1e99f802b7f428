"""Most similar nodes of the same type, by what they have in common. Shapes: types.py; K neighbours a node."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import scipy.sparse as sp
import torch
from torch import Tensor

from lghrec_compute.graph.adjacency import Graph
from lghrec_compute.types import Bools, Doubles, Int32s, Ints

_BLOCK = 1 << 22
"""Products of one block of rows: bounds the memory of a build to some hundred MB, whatever the graph."""

_LEVELS = 64
"""Of cosines, to leave out most of them before they are sorted."""


@dataclass(frozen=True)
class Neighbors:
    """`node_VK`: neighbours of each node, nearest first, graph ids; the node itself where it has fewer.

    `bound_VK`: cumulated probability of each being drawn, 1 from a node's last neighbour on.
    """

    node_VK: Tensor
    bound_VK: Tensor

    def draw(self, node_B: Tensor) -> Tensor:
        """A neighbour of each, graph ids [B], from the device's random numbers; itself for a lone node."""
        uniform_B1 = torch.rand(len(node_B), 1, device=node_B.device)  # in [0, 1): below the last bound
        index_B1 = (uniform_B1 >= self.bound_VK.index_select(0, node_B)).sum(dim=1, keepdim=True)
        return self.node_VK.index_select(0, node_B).gather(1, index_B1)[:, 0]


def find_neighbors(graph: Graph, count: int, *, by: Literal["uniform", "similarity"]) -> Neighbors:
    """The `count` nodes of the same type with the highest cosine above 0 of their interactions.

    A node is not its own neighbour; of two as similar the lower id comes first. `by`: a neighbour is drawn
    `uniform`, or in proportion to its `similarity`. NESCL, section 4.1 (Sun et al. 2023), on interactions as
    they are.
    """
    offset_V = graph.adjacency.crow_indices().cpu().numpy().astype(np.int64)
    column_E = graph.adjacency.col_indices().cpu().numpy()
    users, edges = graph.num_users, graph.num_edges
    shape = (users, graph.num_items)
    has_UI = sp.csr_array((np.ones(edges), column_E[:edges] - users, offset_V[: users + 1]), shape)
    node_VK = np.repeat(np.arange(graph.num_nodes)[:, None], count, axis=1)
    cosine_VK = np.zeros(node_VK.shape)
    for has, first, last in ((has_UI, 0, users), (has_UI.T.tocsr(), users, graph.num_nodes)):
        _fill(has, node_VK[first:last], cosine_VK[first:last], first)
    device = graph.adjacency.device
    return Neighbors(torch.from_numpy(node_VK).to(device), _bounds(cosine_VK, by).to(device))


def _fill(has: sp.csr_array, node_XK: Ints, cosine_XK: Doubles, first: int) -> None:
    """Writes neighbours and cosines of the nodes of one type, whose ids start at `first`, in place."""
    degree_X = np.diff(has.indptr)
    turned = has.T.tocsr()
    # products that a row of `has @ turned` takes, an upper bound of its entries, and its levels
    work_X = has @ np.diff(turned.indptr).astype(np.float64) + _LEVELS
    block_X = np.cumsum(work_X) // _BLOCK
    count = node_XK.shape[1]
    for rows in np.split(np.arange(len(degree_X)), np.flatnonzero(np.diff(block_X)) + 1):
        common = (has[rows] @ turned).tocoo()
        row_E, other_E = rows[common.row], common.col.astype(np.int64)
        cosine_E = common.data / (np.sqrt(degree_X[row_E]) * np.sqrt(degree_X[other_E]) + 1e-6)
        maybe_E = (row_E != other_E) & _may_be_first(common.row, cosine_E, len(rows), count + 1)
        row_E, other_E, cosine_E = row_E[maybe_E], other_E[maybe_E], cosine_E[maybe_E]
        order_E = np.lexsort((other_E, -cosine_E, row_E))
        row_E, other_E, cosine_E = row_E[order_E], other_E[order_E], cosine_E[order_E]
        rank_E = np.arange(len(row_E)) - np.searchsorted(row_E, row_E)
        near_E = rank_E < count
        row_E, rank_E = row_E[near_E], rank_E[near_E]
        node_XK[row_E, rank_E] = other_E[near_E] + first
        cosine_XK[row_E, rank_E] = cosine_E[near_E]


def _may_be_first(row_E: Int32s, cosine_E: Doubles, num_rows: int, count: int) -> Bools:
    """False only where a row has `count` cosines of a higher level: counting them is cheaper than sorting."""
    level_E = np.minimum((cosine_E * _LEVELS).astype(np.int64), _LEVELS - 1)
    index_E = row_E * np.int64(_LEVELS) + level_E
    number_XL = np.bincount(index_E, minlength=num_rows * _LEVELS).reshape(num_rows, _LEVELS)
    from_level_XL = np.cumsum(number_XL[:, ::-1], axis=1)[:, ::-1]
    return (from_level_XL - number_XL < count).ravel()[index_E]


def _bounds(cosine_VK: Doubles, by: Literal["uniform", "similarity"]) -> Tensor:
    weight_VK = cosine_VK if by == "similarity" else (cosine_VK > 0).astype(np.float64)
    sum_VK = np.cumsum(weight_VK, axis=1)
    with np.errstate(invalid="ignore"):
        bound_VK = sum_VK / sum_VK[:, -1:]
    # from the last neighbour on 1, and not a rounding less; a node without one draws its first place, itself
    bound_VK[(sum_VK == sum_VK[:, -1:]) | ~np.isfinite(bound_VK)] = 1.0
    return torch.from_numpy(bound_VK.astype(np.float32))
