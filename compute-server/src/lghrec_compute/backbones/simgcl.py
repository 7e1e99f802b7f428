"""SimGCL. Shapes: types.py."""

from __future__ import annotations

from torch import Tensor

from lghrec_compute.backbones.base import Backbone
from lghrec_compute.backbones.parts.inputs import Inputs, StepContext
from lghrec_compute.backbones.parts.views import ViewPair, view_contrasts
from lghrec_compute.graph import propagate, propagate_noisily
from lghrec_compute.objectives import Contrast, Form


class SimGcl(Backbone):
    """LightGCN and a contrast of two views with noise in each layer (Yu et al. 2022).

    Layer by layer h = A h + noise x sign(A h) * r / |r|, r uniform in [0, 1)^D; a view is the layers' mean.
    For each distinct user, and each distinct positive item, of the batch
    -log e^{cos(z'_a, z''_a)/t} / sum over v of e^{cos(z'_a, z''_v)/t}, v those of a's type. The readout
    leaves out layer zero, for ranking as well, unless `keep_layer_zero`.
    """

    def __init__(
        self,
        inputs: Inputs,
        *,
        layers: int,
        temperature: float,
        contrast_weight: float,
        noise: float,
        keep_layer_zero: bool,
    ) -> None:
        super().__init__(inputs)
        self.layers = layers
        self.form = Form(temperature)
        self.contrast_weight = contrast_weight
        self.noise = noise
        self.keep_layer_zero = keep_layer_zero

    def encode(self, ego_VD: Tensor) -> Tensor:
        """The mean over layers, without noise."""
        return propagate(ego_VD, self.graph.adjacency, self.layers, keep_layer_zero=self.keep_layer_zero)

    def contrasts(self, context: StepContext) -> tuple[Contrast, ...]:
        """Users and items, one noisy view against another."""
        first_VD, second_VD = (
            propagate_noisily(
                context.ego_VD,
                self.graph.adjacency,
                self.layers,
                noise=self.noise,
                keep_layer_zero=self.keep_layer_zero,
                clean_VD=context.nodes_VD,
            )
            for _ in range(2)
        )
        pair = ViewPair(first_VD, second_VD, self.form, self.contrast_weight, "batch")
        return view_contrasts(self.graph, context, pair)
