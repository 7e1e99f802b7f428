"""Contrast tasks between two views of the nodes, for users and for items separately.

Shapes: A distinct anchors, B rows of the batch, D embedding size, N candidates, P positive pairs, V nodes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from lghrec_compute.backbones.parts.inputs import StepContext
from lghrec_compute.backbones.parts.rows import first_of_each, row_of
from lghrec_compute.graph import Graph, excluded_mask
from lghrec_compute.objectives import Contrast, Form, Pool, Positives
from lghrec_compute.objectives.gather import embedding


@dataclass(frozen=True)
class ViewPair:
    """Two views of all nodes, and the contrast between them.

    The anchors are taken from the first view and the candidates from the second. With the pool `all` the
    anchors are the rows of the batch, and the candidates are all nodes of the type that have a train
    interaction: only the contrast would move the other nodes. With the pool `batch` the anchors and the
    candidates are the distinct nodes of the type in the batch.
    """

    anchor_VD: Tensor
    candidate_VD: Tensor
    form: Form
    weight: float
    pool: Literal["all", "batch"] = "all"


def view_contrasts(
    graph: Graph, context: StepContext, pair: ViewPair, *, item_B: Tensor | None = None
) -> tuple[Contrast, ...]:
    """Return two tasks, one of users and one of items.

    Each contrasts a node in the first view with the candidates in the second. The positive is the node itself
    in the second view. If the context contains candidate pools, they replace the pool of the pair.

    `item_B` are the node ids of the item anchors. None means the positive items of the batch.
    """
    item_B = context.ids.positive if item_B is None else item_B
    if context.pools is None and pair.pool == "batch":
        return (_against_batch(pair, context.ids.user), _against_batch(pair, item_B))
    if context.pools is None:
        users, items = slice(0, graph.num_users), slice(graph.num_users, graph.num_nodes)
        return (
            _against_all(pair, context.ids.user, users, graph.warm_users),
            _against_all(pair, item_B, items, graph.warm_items),
        )
    anchors = ((context.ids.user, context.pools.user_N), (item_B, context.pools.item_N))
    return tuple(
        contrast_with_pool(graph, pair, torch.unique(node_B) if pair.pool == "batch" else node_B, pool_N)
        for node_B, pool_N in anchors
    )


def contrast_with_pool(graph: Graph, pair: ViewPair, node_B: Tensor, pool_N: Tensor) -> Contrast:
    """Return the task that contrasts the nodes `node_B` with the nodes `pool_N`.

    The positive is the node itself in the second view, whether or not the pool contains it.
    """
    excluded_BN = excluded_mask(graph, node_B, pool_N, neighbors=False)
    pool = Pool(embedding(pool_N, pair.candidate_VD), pool_N, excluded_BN=excluded_BN)
    positives = Positives(row_of(node_B), vector_PD=embedding(node_B, pair.candidate_VD))
    anchor_BD = embedding(node_B, pair.anchor_VD)
    return Contrast(anchor_BD, node_B, pool, positives, pair.form, pair.weight)


def _against_all(pair: ViewPair, node_B: Tensor, of_type: slice, warm_N: Tensor | None) -> Contrast:
    """`warm_N` are the candidates, sorted, which include all of `node_B`. None means all nodes of the
    type."""
    # a node that the batch contains twice counts twice in the loss, but is compared with the pool once
    node_A, row_P = torch.unique(node_B, return_inverse=True)
    row_P = row_P.index_select(0, first_of_each(row_P, len(node_A)))
    if warm_N is None:
        candidate_ND = pair.candidate_VD[of_type]  # a slice copies nothing
        pool_N, index_A = row_of(candidate_ND) + of_type.start, node_A - of_type.start
    else:
        candidate_ND = embedding(warm_N, pair.candidate_VD)
        pool_N, index_A = warm_N, torch.searchsorted(warm_N, node_A)
    positives = Positives(row_P, index_A.index_select(0, row_P))
    anchor_AD = embedding(node_A, pair.anchor_VD)
    return Contrast(anchor_AD, node_A, Pool(candidate_ND, pool_N), positives, pair.form, pair.weight)


def _against_batch(pair: ViewPair, node_B: Tensor) -> Contrast:
    node_A = torch.unique(node_B)
    pool = Pool(embedding(node_A, pair.candidate_VD), node_A)
    positives = Positives(row_of(node_A), row_of(node_A))
    anchor_AD = embedding(node_A, pair.anchor_VD)
    return Contrast(anchor_AD, node_A, pool, positives, pair.form, pair.weight)
