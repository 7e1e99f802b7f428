"""SGL. Shapes: types.py."""

from __future__ import annotations

from typing import Literal

from torch import Tensor

from lghrec_compute.backbones.base import Backbone
from lghrec_compute.backbones.parts.inputs import Inputs, StepContext
from lghrec_compute.backbones.parts.views import ViewPair, view_contrasts
from lghrec_compute.graph import GraphDropout, propagate, propagate_through
from lghrec_compute.objectives import Contrast, Form


class Sgl(Backbone):
    """LightGCN and a contrast of two views, each of a graph that lacks a part (Wu et al. 2021).

    For each row of the batch -log e^{cos(z'_a, z''_a)/t} / sum over v of e^{cos(z'_a, z''_v)/t}, v all nodes
    of a's type, or for the pool `batch` the distinct ones of the batch, each of which counts once. Graphs
    are drawn anew each epoch and normalised by their own degrees; `random_walk` takes another in each layer.
    """

    def __init__(
        self,
        inputs: Inputs,
        *,
        layers: int,
        temperature: float,
        contrast_weight: float,
        dropout: Literal["edge", "node", "random_walk"],
        drop_rate: float,
        pool: Literal["all", "batch"],
    ) -> None:
        super().__init__(inputs)
        self.layers = layers
        self.form = Form(temperature)
        self.contrast_weight = contrast_weight
        self.pool: Literal["all", "batch"] = pool
        self.walks = dropout == "random_walk"
        self.bytes_an_interaction = 75 + 45 * (layers if self.walks else 1)
        kind = "node" if dropout == "node" else "edge"
        self.dropout = GraphDropout(inputs.graph, kind=kind, rate=drop_rate, seed=inputs.seed)
        self.on_epoch(1, resumed=False)

    def encode(self, ego_VD: Tensor) -> Tensor:
        """The mean over layers of the whole graph."""
        return propagate(ego_VD, self.graph.adjacency, self.layers)

    def on_epoch(self, epoch: int, *, resumed: bool) -> None:  # noqa: ARG002
        """Draws the two graphs of an epoch, or two for each layer."""
        num_graphs = self.layers if self.walks else 1
        self.graphs = []  # the old ones go first: on a large graph they weigh as much as the tables
        self.graphs = [
            [self.dropout.draw(epoch, view, layer) for layer in range(num_graphs)] for view in (0, 1)
        ]

    def contrasts(self, context: StepContext) -> tuple[Contrast, ...]:
        """Users and items, the first view against the second."""
        first_VD, second_VD = (self._encode_on(graphs, context.ego_VD) for graphs in self.graphs)
        pair = ViewPair(first_VD, second_VD, self.form, self.contrast_weight, self.pool)
        return view_contrasts(self.graph, context, pair)

    def _encode_on(self, graphs: list[Tensor], ego_VD: Tensor) -> Tensor:
        if self.walks:
            return propagate_through(ego_VD, graphs)
        return propagate(ego_VD, graphs[0], self.layers)
