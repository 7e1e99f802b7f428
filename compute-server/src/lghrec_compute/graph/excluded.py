"""Candidates that can never be negatives of an anchor.

Shapes: B anchors, E train interactions of the anchors, N candidates, V nodes.
"""

from __future__ import annotations

import torch
from torch import Tensor

from lghrec_compute.graph.adjacency import Graph


def excluded_mask(graph: Graph, anchor_node_B: Tensor, node_N: Tensor, *, neighbors: bool) -> Tensor:
    """Return True where a candidate is the anchor itself, bool [B, N].

    With `neighbors`, it is also True where the anchor has interacted with the candidate. All ids are node ids
    of the graph, and the pool can contain a node several times. The cost is that of the train interactions of
    the anchors, and not of a search for each of the B x N pairs.
    """
    itself_BN = anchor_node_B[:, None] == node_N[None, :]
    if not neighbors:
        return itself_BN
    row_E, neighbor_E = _edges_of(graph, anchor_node_B)
    # one column per distinct node of the pool and one for all others: [B, distinct + 1] instead of [B, V]
    column_V = torch.full((graph.num_nodes,), len(node_N), dtype=torch.int64, device=node_N.device)
    index_N = torch.arange(len(node_N), device=node_N.device)
    column_V = column_V.scatter_reduce(0, node_N, index_N, "amin")
    seen_BN = itself_BN.new_zeros(len(anchor_node_B), len(node_N) + 1)
    seen_BN[row_E, column_V[neighbor_E]] = True
    return itself_BN | seen_BN.index_select(1, column_V[node_N])


def _edges_of(graph: Graph, anchor_node_B: Tensor) -> tuple[Tensor, Tensor]:
    """Return the row of the batch and the neighbor of each train interaction of the anchors."""
    offset_V = graph.adjacency.crow_indices().long()
    start_B = offset_V.index_select(0, anchor_node_B)
    count_B = offset_V.index_select(0, anchor_node_B + 1) - start_B
    row_E = torch.repeat_interleave(count_B)
    first_B = torch.cumsum(count_B, 0) - count_B
    index_E = torch.arange(len(row_E), device=row_E.device) - first_B[row_E] + start_B[row_E]
    return row_E, graph.adjacency.col_indices().index_select(0, index_E).long()
