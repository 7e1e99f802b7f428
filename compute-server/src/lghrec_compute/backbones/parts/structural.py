"""The structural contrast of LGHRec (appendix D.3, eqs 56-58), which a policy can add to any graph backbone.

-log e^{cos(z_a^(0), z_a^(k))/t} / (e^{cos(z_a^(0), z_a^(k))/t} + sum over n of e^{cos(z_a^(0), z_n^(k))/t})

with z^(0) the ego embedding, z^(k) the embedding of graph layer k, and n the selected candidates of a's type.

Departures from the paper: the sums run over the users and items of the batch, as often as the batch contains
them, and not over all users and items; the loss is their mean.

Shapes: B rows of the batch, D embedding size, N candidates, V nodes.
"""

from __future__ import annotations

from torch import Tensor

from lghrec_compute.backbones.parts.inputs import Inputs, StepContext, StructuralContrast
from lghrec_compute.backbones.parts.views import ViewPair, contrast_with_pool
from lghrec_compute.objectives import Contrast, Form


def structural_contrasts(
    inputs: Inputs, context: StepContext, layer_VD: Tensor, structural: StructuralContrast
) -> tuple[Contrast, ...]:
    """Return two tasks, one of the users of the batch and one of its positive items.

    `layer_VD` are the embeddings z^(k) of all nodes.
    """
    form = Form(structural.temperature)
    pair = ViewPair(context.ego_VD, layer_VD, form, structural.weight)
    pools = structural.pools
    return tuple(
        contrast_with_pool(inputs.graph, pair, node_B, pool_N)
        for node_B, pool_N in ((context.ids.user, pools.user_N), (context.ids.positive, pools.item_N))
    )
