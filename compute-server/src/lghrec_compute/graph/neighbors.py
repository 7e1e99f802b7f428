"""The most similar nodes of the same type, by their common interactions.

Shapes: B nodes, E pairs, K neighbors per node, L levels of the cosine, V nodes, X nodes of one type.
"""

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
"""Number of products per block of rows, which bounds the memory to some hundred MB for any graph."""

_LEVELS = 64
"""Number of levels of the cosine, by which most pairs are left out before the others are sorted."""


@dataclass(frozen=True)
class Neighbors:
    """`node_VK` are the neighbors of each node, most similar first, as node ids of the graph.

    A node with fewer than K neighbors has itself in the other entries. `bound_VK` is the cumulated
    probability of the neighbors to be drawn, which is 1 from the last neighbor on.
    """

    node_VK: Tensor
    bound_VK: Tensor

    def draw(self, node_B: Tensor) -> Tensor:
        """Draw a neighbor of each node, node ids [B]; a node without neighbors itself.

        The random numbers are those of the device.
        """
        uniform_B1 = torch.rand(len(node_B), 1, device=node_B.device)  # in [0, 1): below the last bound
        index_B1 = (uniform_B1 >= self.bound_VK.index_select(0, node_B)).sum(dim=1, keepdim=True)
        return self.node_VK.index_select(0, node_B).gather(1, index_B1)[:, 0]


def find_neighbors(graph: Graph, count: int, *, by: Literal["uniform", "similarity"]) -> Neighbors:
    """Return the `count` nodes of the same type with the highest positive cosine of their interactions.

    A node is not its own neighbor. Of two nodes with the same cosine the lower id comes first. With `uniform`
    each neighbor has the same probability to be drawn, and with `similarity` it is proportional to the
    cosine. Source: NESCL (Sun et al. 2023), section 4.1.
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
    """Write the neighbors and cosines of the nodes of one type, whose ids start at `first`, in place."""
    degree_X = np.diff(has.indptr)
    transposed = has.T.tocsr()
    # products that a row of `has @ transposed` takes, an upper bound of its entries, and its levels
    work_X = has @ np.diff(transposed.indptr).astype(np.float64) + _LEVELS
    block_X = np.cumsum(work_X) // _BLOCK
    count = node_XK.shape[1]
    for rows in np.split(np.arange(len(degree_X)), np.flatnonzero(np.diff(block_X)) + 1):
        common = (has[rows] @ transposed).tocoo()
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
    """Return False where a row has `count` cosines of a higher level. Counting is cheaper than sorting."""
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
    # exactly 1 from the last neighbor on, without rounding; a node without neighbors draws entry 0, itself
    bound_VK[(sum_VK == sum_VK[:, -1:]) | ~np.isfinite(bound_VK)] = 1.0
    return torch.from_numpy(bound_VK.astype(np.float32))
