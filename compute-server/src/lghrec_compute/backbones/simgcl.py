"""SimGCL (Yu et al. 2022, "Are Graph Augmentations Necessary? Simple Graph Contrastive Learning").

The encoder is LightGCN without layer zero, and the ranking loss is BPR. Two views of every node come from
uniform noise that is added in each layer, in the orthant of the embedding. The contrast pulls the two views
of a node together and pushes the nodes of the batch apart.

    h_l  = A h_(l-1) + noise x sign(A h_(l-1)) * r / |r|,  r uniform in [0, 1)^D,  h_0 = e
    z'   = mean over l = 1..L of h_l; z'' is the same with other noise
    loss = BPR + w (mean over the distinct users a of the batch of -log p_a + the same over its items)
    p_a  = e^{cos(z'_a, z''_a)/t} / sum over v of e^{cos(z'_a, z''_v)/t}

with v the distinct nodes of a's type in the batch. `keep_layer_zero` includes h_0 in the means.

Departures from the authors' code (SELFRec): the penalty is the squared norm of the ego embeddings of users,
positive and negative items, where the code takes the norms of final embeddings without the negative items; on
LastFM both give the same NDCG@20 of 0.0867.

Shapes: D embedding size, V nodes (users, then items).
"""

from __future__ import annotations

from torch import Tensor

from lghrec_compute.backbones.base import Backbone
from lghrec_compute.backbones.parts.inputs import StepContext
from lghrec_compute.backbones.parts.views import ViewPair, view_contrasts
from lghrec_compute.graph import propagate, propagate_noisily
from lghrec_compute.objectives import Contrast, Form
from lghrec_compute.spec.backbone import SimGclBackbone


class SimGcl(Backbone[SimGclBackbone]):
    """LightGCN with a contrast between two noisy views."""

    def encode(self, ego_VD: Tensor) -> Tensor:
        """Return the mean over layers, without noise."""
        adjacency, layers = self.graph.adjacency, self.spec.layers
        return propagate(ego_VD, adjacency, layers, keep_layer_zero=self.spec.keep_layer_zero)

    def contrasts(self, context: StepContext) -> tuple[Contrast, ...]:
        """Return two tasks, of users and of items: one noisy view against another."""
        first_VD, second_VD = (
            propagate_noisily(
                context.ego_VD,
                self.graph.adjacency,
                self.spec.layers,
                noise=self.spec.noise,
                keep_layer_zero=self.spec.keep_layer_zero,
                clean_VD=context.nodes_VD,
            )
            for _ in range(2)
        )
        form = Form(self.spec.temperature)
        pair = ViewPair(first_VD, second_VD, form, self.spec.contrast_weight, "batch")
        return view_contrasts(self.graph, context, pair)
