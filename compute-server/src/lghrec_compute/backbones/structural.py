"""The structural contrast of LGHRec (paper, eqs 56-58). Shapes: types.py."""

from __future__ import annotations

from torch import Tensor

from lghrec_compute.backbones.inputs import Draw, Inputs, Structural, View
from lghrec_compute.backbones.views import Between, drawn_contrast
from lghrec_compute.objectives import Contrast, Form


def structural_contrasts(
    inputs: Inputs, view: View, structural_VD: Tensor, draw: Draw, how: Structural
) -> tuple[Contrast, ...]:
    """Two tasks: z^(0) of each user (item) of the batch against z^(k) of the drawn nodes of its type.

    Its own z^(k) is the positive. The paper sums over all users and items; these are the batch's, as many
    times as they stand in it.
    """
    between = Between(view.ego_VD, structural_VD, Form(how.temperature), how.weight)
    return tuple(
        drawn_contrast(inputs.graph, between, node_B, pool_N)
        for node_B, pool_N in ((view.ids.user, draw.user_N), (view.ids.positive, draw.item_N))
    )
