"""Singular value decomposition of the normalized interactions.

Shapes: I items, Q rank, U users.
"""

from __future__ import annotations

import torch
from torch import Tensor

from lghrec_compute.graph.adjacency import Graph

_ITERATIONS = 2


def low_rank(graph: Graph, rank: int, *, seed: int) -> tuple[Tensor, Tensor]:
    """Return L [U, Q] and R [I, Q], whose product L R^T approximates the normalized interactions.

    Q is `rank`, or the number of users or items if that is smaller. L contains the left singular vectors
    times the singular values, and R the right singular vectors. They are computed by subspace iteration from
    normal random numbers of `seed` (Halko et al. 2011, algorithm 4.4). A graph whose rank is at most Q is
    represented exactly.
    """
    rank = min(rank, graph.num_users, graph.num_items)
    generator = torch.Generator().manual_seed(seed)
    adjacency = graph.adjacency
    start_IQ = torch.randn(graph.num_items, rank, generator=generator, dtype=adjacency.dtype)
    basis_UQ = torch.linalg.qr(_of_users(graph, start_IQ.to(adjacency.device))).Q
    for _ in range(_ITERATIONS):
        basis_IQ = torch.linalg.qr(_of_items(graph, basis_UQ)).Q
        basis_UQ = torch.linalg.qr(_of_users(graph, basis_IQ)).Q
    right_IQ, singular_Q, rotation_QQ = torch.linalg.svd(_of_items(graph, basis_UQ), full_matrices=False)
    return (basis_UQ @ rotation_QQ.T) * singular_Q, right_IQ


def _of_users(graph: Graph, item_IQ: Tensor) -> Tensor:
    """Return the normalized interactions times `item_IQ`, by a product with the symmetric adjacency."""
    user_UQ = item_IQ.new_zeros(graph.num_users, item_IQ.shape[1])
    return (graph.adjacency @ torch.cat([user_UQ, item_IQ]))[: graph.num_users]


def _of_items(graph: Graph, user_UQ: Tensor) -> Tensor:
    item_IQ = user_UQ.new_zeros(graph.num_items, user_UQ.shape[1])
    return (graph.adjacency @ torch.cat([user_UQ, item_IQ]))[graph.num_users :]
