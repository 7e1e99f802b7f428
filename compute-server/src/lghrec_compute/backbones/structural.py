"""The structural contrast of LGHRec (paper, eqs 56-58). Shapes: types.py."""

from __future__ import annotations

from torch import Tensor
from torch.nn.functional import embedding

from lghrec_compute.backbones.inputs import Draw, Inputs, Structural, View
from lghrec_compute.graph import forbidden
from lghrec_compute.objectives import Contrast, Form, Pool, Positives


def structural_contrasts(
    inputs: Inputs, view: View, structural_VD: Tensor, draw: Draw, how: Structural
) -> tuple[Contrast, ...]:
    """Two tasks: z^(0) of each user (item) of the batch against z^(k) of the drawn nodes of its type.

    Its own z^(k) is the positive. The paper sums over all users and items; these are the batch's, as many
    times as they stand in it.
    """
    return tuple(
        node_contrast(inputs, view.ego_VD, structural_VD, node_B, pool_N, how)
        for node_B, pool_N in ((view.ids.user, draw.user_N), (view.ids.positive, draw.item_N))
    )


def node_contrast(
    inputs: Inputs, anchor_VD: Tensor, key_VD: Tensor, node_B: Tensor, pool_N: Tensor, how: Structural
) -> Contrast:
    """One view of each node against another view of it and of the pool's nodes; cosine."""
    pool = Pool(
        embedding(pool_N, key_VD),
        pool_N,
        forbidden_BN=forbidden(inputs.graph, node_B, pool_N, neighbors=False),
    )
    positives = Positives(row_of(node_B), vector_PD=embedding(node_B, key_VD))
    return Contrast(embedding(node_B, anchor_VD), node_B, pool, positives, Form(how.temperature), how.weight)


def row_of(node_B: Tensor) -> Tensor:
    """0 .. B - 1 on the same device."""
    return node_B.new_ones(len(node_B)).cumsum(0) - 1
