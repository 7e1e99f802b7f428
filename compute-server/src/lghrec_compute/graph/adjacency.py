"""The normalized bipartite graph of the train interactions. It is built once per run.

Shapes: E interactions or entries, N nodes of one type, V nodes (users, then items).
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from lghrec_compute.errors import DataError
from lghrec_compute.types import Ints

_INT32_MAX = 2**31 - 1


@dataclass(frozen=True)
class Graph:
    """The graph. `adjacency` is [V, V] sparse CSR with int32 indices, and `degree_V` the number of
    interactions of each node.

    `warm_users` and `warm_items` are the sorted node ids of the users and items with a train interaction.
    None means that all of them have one.
    """

    num_users: int
    num_items: int
    adjacency: Tensor
    degree_V: Tensor
    warm_users: Tensor | None = None
    warm_items: Tensor | None = None

    @property
    def num_nodes(self) -> int:
        """Number of users and items."""
        return self.num_users + self.num_items

    @property
    def num_edges(self) -> int:
        """Number of train interactions. The adjacency contains each of them twice."""
        return self.adjacency.values().numel() // 2


def build_graph(
    user_E: Ints,
    item_E: Ints,
    num_users: int,
    num_items: int,
    *,
    device: torch.device | str = "cpu",
    dtype: torch.dtype = torch.float32,
) -> Graph:
    """Build A = D^-1/2 [[0, R], [R^T, 0]] D^-1/2 from distinct train interactions.

    Ids of users and of items start at 0. The row of a node without interactions is zero. A is symmetric to
    the bit, as `propagate` requires. Raises `DataError` if there are no interactions, ids out of range,
    duplicates, or more interactions than int32 offsets can count.
    """
    _check(user_E, item_E, num_users, num_items)
    num_nodes = num_users + num_items
    row_E = np.concatenate([user_E, item_E + num_users])
    column_E = np.concatenate([item_E + num_users, user_E])
    order_E = np.lexsort((column_E, row_E))
    row_E, column_E = row_E[order_E], column_E[order_E]
    adjacency = symmetric_csr(row_E, column_E, num_nodes, device=device, dtype=dtype)
    degree_V = np.bincount(row_E, minlength=num_nodes)
    # computed once here: on the device, counting them would delay each step
    warm = [_warm(degree_V, *ends, device=device) for ends in ((0, num_users), (num_users, num_nodes))]
    return Graph(num_users, num_items, adjacency, torch.from_numpy(degree_V).to(device), *warm)


def _warm(degree_V: Ints, first: int, end: int, *, device: torch.device | str) -> Tensor | None:
    node_N = np.flatnonzero(degree_V[first:end]) + first
    return None if len(node_N) == end - first else torch.from_numpy(node_N).to(device)


def symmetric_csr(
    row_E: Ints, column_E: Ints, num_nodes: int, *, device: torch.device | str, dtype: torch.dtype
) -> Tensor:
    """Return D^-1/2 B D^-1/2 as [V, V] sparse CSR, given the entries of B.

    The entries contain each edge from both ends and are sorted by row. D is the degree by these entries. A
    node without entries has an empty row.
    """
    degree_V = np.bincount(row_E, minlength=num_nodes)
    # one root of the product is the same number from both ends; a product of two roots is not always
    values_E = 1.0 / np.sqrt(degree_V[row_E] * degree_V[column_E].astype(np.float64))
    offsets_V = np.concatenate([[0], np.cumsum(degree_V)])
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Sparse CSR tensor support is in beta")
        return torch.sparse_csr_tensor(
            torch.from_numpy(offsets_V.astype(np.int32)),
            torch.from_numpy(column_E.astype(np.int32)),
            torch.from_numpy(values_E).to(dtype),
            size=(num_nodes, num_nodes),
            device=device,
            check_invariants=False,  # sorted and in range by construction
        )


def interaction_ends(graph: Graph) -> Ints:
    """Return user and item of each train interaction, [2, E]. The ids of both start at 0."""
    # the rows of the users, which come first, contain each interaction once
    offset_U = graph.adjacency.crow_indices()[: graph.num_users + 1].cpu().numpy()
    item_E = graph.adjacency.col_indices()[: graph.num_edges].cpu().numpy().astype(np.int64)
    return np.stack([np.repeat(np.arange(graph.num_users), np.diff(offset_U)), item_E - graph.num_users])


def _check(user_E: Ints, item_E: Ints, num_users: int, num_items: int) -> None:
    if user_E.size == 0:
        raise DataError("no train interactions, expected at least 1", hint="use a less strict filter")
    if 2 * user_E.size > _INT32_MAX:
        raise DataError(f"too many interactions for one graph: got {user_E.size}, at most {_INT32_MAX // 2}")
    for name, ids_E, count in (("user", user_E, num_users), ("item", item_E, num_items)):
        if ids_E.min() < 0 or ids_E.max() >= count:
            raise DataError(
                f"{name} id out of range: got {ids_E.min()}..{ids_E.max()}, expected 0..{count - 1}"
            )
    if np.unique(user_E * num_items + item_E).size != user_E.size:
        raise DataError(
            "duplicate train interactions, expected each pair once", hint="remove duplicates first"
        )
