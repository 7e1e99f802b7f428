"""Singular value decomposition of the normalised interactions. Shapes: types.py; Q is the rank."""

from __future__ import annotations

import torch
from torch import Tensor

from lghrec_compute.graph.adjacency import Graph

_ITERATIONS = 2


def low_rank(graph: Graph, rank: int, *, seed: int) -> tuple[Tensor, Tensor]:
    """Returns (L [U, Q], R [I, Q]) with L R^T near the normalised interactions; Q is `rank` or less.

    L holds left singular vectors times singular values, R the right ones. By subspace iteration from normal
    numbers (Halko et al. 2011, algorithm 4.4), drawn from `seed`. A graph of no higher rank is met exactly.
    """
    rank = min(rank, graph.num_users, graph.num_items)
    generator = torch.Generator().manual_seed(seed)
    adjacency = graph.adjacency
    start_IQ = torch.randn(graph.num_items, rank, generator=generator, dtype=adjacency.dtype)
    basis_UQ = torch.linalg.qr(_of_users(graph, start_IQ.to(adjacency.device))).Q
    for _ in range(_ITERATIONS):
        basis_IQ = torch.linalg.qr(_of_items(graph, basis_UQ)).Q
        basis_UQ = torch.linalg.qr(_of_users(graph, basis_IQ)).Q
    right_IQ, singular_Q, turned_QQ = torch.linalg.svd(_of_items(graph, basis_UQ), full_matrices=False)
    return (basis_UQ @ turned_QQ.T) * singular_Q, right_IQ


def _of_users(graph: Graph, item_IQ: Tensor) -> Tensor:
    """The normalised interactions times `item_IQ`: the symmetric graph has both directions."""
    user_UQ = item_IQ.new_zeros(graph.num_users, item_IQ.shape[1])
    return (graph.adjacency @ torch.cat([user_UQ, item_IQ]))[: graph.num_users]


def _of_items(graph: Graph, user_UQ: Tensor) -> Tensor:
    item_IQ = user_UQ.new_zeros(graph.num_items, user_UQ.shape[1])
    return (graph.adjacency @ torch.cat([user_UQ, item_IQ]))[graph.num_users :]
