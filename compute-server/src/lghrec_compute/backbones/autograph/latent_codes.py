"""Codes of users and items by what is known of the items. Shapes: types.py; H counts levels of codes."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import normalize

from lghrec_compute.backbones.parts.inputs import Inputs
from lghrec_compute.graph import Graph, low_rank
from lghrec_compute.graph.incidence import Incidence, build_incidence
from lghrec_compute.graph.residual_codes import residual_codes

_MOST_CODES, _MEMBERS = 256, 8
"""Codes a level at most, and nodes a code at least on average, where their number is left out."""
_RANK = 64


class Codes(NamedTuple):
    """Codes of each node of a type, int64 [N, H], and how many there are on all levels."""

    code_NH: Tensor
    num_codes: int


def latent_codes(
    inputs: Inputs, from_items: Incidence, *, num_levels: int, num_codes: int | None
) -> tuple[Codes, Codes]:
    """Codes of users and of items; `from_items` leads from items to the users who have them.

    An item's vector is its semantic id or, without semantic ids, its row of the singular value decomposition
    of the normalised interactions, of rank 64 and unit length. A user's is the mean of their train items', of
    unit length.
    """
    item_IC = _item_vectors(inputs)
    sum_UC = item_IC.new_zeros(inputs.graph.num_users, item_IC.shape[1])
    sum_UC.index_add_(0, from_items.target_E, item_IC.index_select(0, from_items.source_E))
    users, items = (
        _codes(points_NC, num_levels, num_codes, inputs.seed) for points_NC in (normalize(sum_UC), item_IC)
    )
    return users, items


def interactions(graph: Graph) -> tuple[Incidence, Incidence]:
    """Edges from items to users and from users to items, both numbered from 0."""
    offset_U = graph.adjacency.crow_indices()[: graph.num_users + 1].cpu().numpy()
    user_E = torch.from_numpy(np.repeat(np.arange(graph.num_users), np.diff(offset_U)))
    user_E = user_E.to(graph.adjacency.device)
    item_E = graph.adjacency.col_indices()[: graph.num_edges].long() - graph.num_users
    return (
        build_incidence(item_E, user_E, graph.num_items, graph.num_users),
        build_incidence(user_E, item_E, graph.num_users, graph.num_items),
    )


def _item_vectors(inputs: Inputs) -> Tensor:
    if inputs.semantic_IC is not None:
        return inputs.semantic_IC.to(inputs.graph.adjacency.dtype)
    left_UQ, right_IQ = low_rank(inputs.graph, _RANK, seed=inputs.seed)
    return normalize(right_IQ * left_UQ.norm(dim=0))


def _codes(points_NC: Tensor, num_levels: int, num_codes: int | None, seed: int) -> Codes:
    num_codes = num_codes or max(1, min(len(points_NC) // _MEMBERS, _MOST_CODES))
    num_codes = min(num_codes, len(points_NC))
    return Codes(residual_codes(points_NC, num_codes, num_levels, seed=seed), num_levels * num_codes)
