"""Contrasts of two views of a node, users and items apart. Shapes: types.py."""

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
    """Two views of all nodes, [V, D] each, and how they are contrasted.

    `pool` `all`: each row of the batch against all nodes of its type that have a train interaction, as
    nothing but the contrast would move the others; `batch`: each distinct node of the batch against the
    distinct ones of its type.
    """

    anchor_VD: Tensor
    key_VD: Tensor
    form: Form
    weight: float
    pool: Literal["all", "batch"] = "all"


def view_contrasts(
    graph: Graph, context: StepContext, pair: ViewPair, *, item_B: Tensor | None = None
) -> tuple[Contrast, ...]:
    """Two tasks, of users and of items: a node's other view against those of the pool, or of what was drawn.

    `item_B`: item anchors, ids of the graph; None takes the batch's positive items.
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
    return tuple(
        drawn_contrast(graph, pair, torch.unique(node_B) if pair.pool == "batch" else node_B, pool_N)
        for node_B, pool_N in ((context.ids.user, context.pools.user_N), (item_B, context.pools.item_N))
    )


def drawn_contrast(graph: Graph, pair: ViewPair, node_B: Tensor, pool_N: Tensor) -> Contrast:
    """Each of `node_B` against the drawn nodes; its own other view, drawn or not, is the positive."""
    excluded_BN = excluded_mask(graph, node_B, pool_N, neighbors=False)
    pool = Pool(embedding(pool_N, pair.key_VD), pool_N, excluded_BN=excluded_BN)
    positives = Positives(row_of(node_B), vector_PD=embedding(node_B, pair.key_VD))
    anchor_BD = embedding(node_B, pair.anchor_VD)
    return Contrast(anchor_BD, node_B, pool, positives, pair.form, pair.weight)


def _against_all(pair: ViewPair, node_B: Tensor, of_type: slice, warm_N: Tensor | None) -> Contrast:
    """`warm_N`: which nodes of the type are candidates, sorted and with all of `node_B`; None: all."""
    # a node that the batch has twice stands in the loss twice, but is compared with the pool once
    node_A, row_P = torch.unique(node_B, return_inverse=True)
    row_P = row_P.index_select(0, first_of_each(row_P, len(node_A)))
    if warm_N is None:
        candidate_ND = pair.key_VD[of_type]  # a slice costs nothing
        pool_N, index_A = row_of(candidate_ND) + of_type.start, node_A - of_type.start
    else:
        candidate_ND = embedding(warm_N, pair.key_VD)
        pool_N, index_A = warm_N, torch.searchsorted(warm_N, node_A)
    positives = Positives(row_P, index_A.index_select(0, row_P))
    anchor_AD = embedding(node_A, pair.anchor_VD)
    return Contrast(anchor_AD, node_A, Pool(candidate_ND, pool_N), positives, pair.form, pair.weight)


def _against_batch(pair: ViewPair, node_B: Tensor) -> Contrast:
    node_A = torch.unique(node_B)
    pool = Pool(embedding(node_A, pair.key_VD), node_A)
    positives = Positives(row_of(node_A), row_of(node_A))
    anchor_AD = embedding(node_A, pair.anchor_VD)
    return Contrast(anchor_AD, node_A, pool, positives, pair.form, pair.weight)
