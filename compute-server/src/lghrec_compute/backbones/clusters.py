"""Positives by cluster. Shapes: types.py; here A counts anchors, P pairs of a cluster."""

from __future__ import annotations

from dataclasses import replace

from torch import Tensor

from lghrec_compute.objectives import Contrast, Group, Positives
from lghrec_compute.objectives.gather import embedding

_FEW = 32
"""Clusters below which the pairs of a batch are too many for a list, and a mask of all is smaller."""


def together(cluster_V: Tensor, node_A: Tensor, node_N: Tensor) -> Tensor:
    """True where two nodes are in one cluster, [A, N]."""
    return cluster_V[node_A][:, None] == cluster_V[node_N][None, :]


def with_clusters(task: Contrast, positive_AD: Tensor, cluster_V: Tensor, *, num_clusters: int) -> Contrast:
    """The task with the anchors of an anchor's cluster as its positives, and no other of it a negative.

    `positive_AD`: each anchor's own positive. The pool is these, or a drawn one that forbids cluster-mates.
    `num_clusters` chooses between a list of pairs and a mask; the loss is the same.
    """
    node_A, positives = task.anchor_node_B, task.positives
    same_AA = together(cluster_V, node_A, node_A)
    if num_clusters < _FEW:
        pool = replace(task.pool, forbidden_BN=together(cluster_V, node_A, task.pool.node_N))
        return replace(task, pool=pool, positives=replace(positives, group=Group(positive_AD, same_AA)))
    row_P, place_P = same_AA.nonzero(as_tuple=True)
    if positives.candidate_P is not None:
        return replace(task, positives=Positives(row_P, place_P))
    return replace(task, positives=Positives(row_P, vector_PD=embedding(place_P, positive_AD)))
