"""The structural contrast of LGHRec (paper, eqs 56-58). Shapes: types.py."""

from __future__ import annotations

from torch import Tensor

from lghrec_compute.backbones.parts.inputs import Inputs, StepContext, StructuralContrast
from lghrec_compute.backbones.parts.views import ViewPair, drawn_contrast
from lghrec_compute.objectives import Contrast, Form


def structural_contrasts(
    inputs: Inputs, context: StepContext, structural_VD: Tensor, structural: StructuralContrast
) -> tuple[Contrast, ...]:
    """Two tasks: z^(0) of each user (item) of the batch against z^(k) of the drawn nodes of its type.

    Its own z^(k) is the positive. The paper sums over all users and items; these are the batch's, as many
    times as they stand in it.
    """
    pair = ViewPair(context.ego_VD, structural_VD, Form(structural.temperature), structural.weight)
    return tuple(
        drawn_contrast(inputs.graph, pair, node_B, pool_N)
        for node_B, pool_N in (
            (context.ids.user, structural.pools.user_N),
            (context.ids.positive, structural.pools.item_N),
        )
    )
