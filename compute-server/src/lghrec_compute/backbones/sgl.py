"""SGL (Wu et al. 2021, "Self-supervised Graph Learning for Recommendation").

The encoder is LightGCN and the ranking loss is BPR. Each epoch draws two graphs with random parts left out,
which give two views of every node. The contrast pulls the views of one node together and pushes the views of
different nodes of a type apart (section 3.1 for the graphs, section 3.2 for the contrast).

    loss = BPR + w (mean over the users a of the batch of -log p_a + the same over its positive items)
    p_a  = e^{cos(z'_a, z''_a)/t} / sum over v of e^{cos(z'_a, z''_v)/t}

with z' and z'' the two views, t the temperature, and v all nodes of a's type with a train interaction; with
the pool `batch` v and a are the distinct nodes of the batch. Each graph is normalized by its own degrees;
`random_walk` draws another graph for each layer.

Departures from the released code: all terms are means over the batch, where the code takes sums, so that the
weights are the published ones;
nodes without a train interaction are no candidates; a batch contains interactions, each once per epoch, where
the code draws users uniformly.

Shapes: D embedding size, V nodes (users, then items).
"""

from __future__ import annotations

from torch import Tensor

from lghrec_compute.backbones.base import Backbone
from lghrec_compute.backbones.parts.inputs import Inputs, StepContext
from lghrec_compute.backbones.parts.views import ViewPair, view_contrasts
from lghrec_compute.graph import GraphDropout, propagate, propagate_through
from lghrec_compute.objectives import Contrast, Form
from lghrec_compute.spec.backbone import SglBackbone


class Sgl(Backbone[SglBackbone]):
    """LightGCN with a contrast between two graphs that lack different parts."""

    def __init__(self, inputs: Inputs, spec: SglBackbone) -> None:
        super().__init__(inputs, spec)
        self.num_graphs = spec.layers if spec.dropout == "random_walk" else 1
        self.bytes_per_interaction = 75 + 45 * self.num_graphs
        kind = "node" if spec.dropout == "node" else "edge"
        self.dropout = GraphDropout(inputs.graph, kind=kind, rate=spec.drop_rate, seed=inputs.seed)
        self.on_epoch(1, resumed=False)

    def encode(self, ego_VD: Tensor) -> Tensor:
        """Return the mean over layers on the whole graph."""
        return propagate(ego_VD, self.graph.adjacency, self.spec.layers)

    def on_epoch(self, epoch: int, *, resumed: bool) -> None:  # noqa: ARG002
        """Draw the two graphs of an epoch, or two graphs for each layer."""
        self.graphs = []  # releases the old graphs first: on a large graph they are as large as the tables
        self.graphs = [
            [self.dropout.draw(epoch, view, layer) for layer in range(self.num_graphs)] for view in (0, 1)
        ]

    def contrasts(self, context: StepContext) -> tuple[Contrast, ...]:
        """Return two tasks, of users and of items: the first view against the second."""
        first_VD, second_VD = (self._encode_on(graphs, context.ego_VD) for graphs in self.graphs)
        form = Form(self.spec.temperature)
        pair = ViewPair(first_VD, second_VD, form, self.spec.contrast_weight, self.spec.pool)
        return view_contrasts(self.graph, context, pair)

    def _encode_on(self, graphs: list[Tensor], ego_VD: Tensor) -> Tensor:
        if self.spec.dropout == "random_walk":
            return propagate_through(ego_VD, graphs)
        return propagate(ego_VD, graphs[0], self.spec.layers)
