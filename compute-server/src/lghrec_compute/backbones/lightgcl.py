"""LightGCL. Shapes: types.py."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor

from lghrec_compute.backbones.base import Backbone, Step
from lghrec_compute.backbones.parts.inputs import Inputs, StepContext
from lghrec_compute.backbones.parts.views import ViewPair, view_contrasts
from lghrec_compute.graph import ValueDropout, low_rank, propagate, propagate_through
from lghrec_compute.objectives import Contrast, Form

_POSITIVE_CLAMP = 5.0
"""Of the released code: a positive this far ahead gets no more gradient."""


class LightGcl(Backbone):
    """LightGCN with layer sums and a contrast with a low-rank view of the graph (Cai et al. 2023).

    z = sum over l = 0..L of A^l e; g = e + A~ (sum over l = 0..L-1 of A^l e), A~ the graph of the rank-Q
    singular value decomposition. For users of the batch, and for its items, positive and negative:
    mean of log(sum over all v of a's type of e^{<g_a, z_v>/t}) - clamp(<g_a, z_a>/t, -5, 5).
    The penalty is the squared norm of all parameters. `edge_dropout` leaves out entries of the main stream,
    in each layer and direction apart, in training only. This is the released code's loss, not the paper's.
    """

    left_UQ: Tensor
    right_IQ: Tensor

    def __init__(
        self,
        inputs: Inputs,
        *,
        layers: int,
        temperature: float,
        contrast_weight: float,
        rank: int,
        edge_dropout: float,
    ) -> None:
        super().__init__(inputs)
        self.layers = layers
        self.form = Form(temperature, similarity="dot", positive_clamp=_POSITIVE_CLAMP)
        self.contrast_weight = contrast_weight
        left_UQ, right_IQ = low_rank(inputs.graph, rank, seed=inputs.seed)
        # kept in checkpoints: another number of threads may give other last bits
        self.register_buffer("left_UQ", left_UQ)
        self.register_buffer("right_IQ", right_IQ)
        self.dropout = ValueDropout(inputs.graph, edge_dropout) if edge_dropout > 0 else None

    def encode(self, ego_VD: Tensor) -> Tensor:
        """The sum over layers, without dropout."""
        return propagate(ego_VD, self.graph.adjacency, self.layers, reduce="sum")

    def encode_training(self, ego_VD: Tensor) -> Tensor:
        """The sum over layers of the main stream."""
        if self.dropout is None:
            return self.encode(ego_VD)
        self.graphs, self.turned = self.dropout.draw(self.layers)
        return self._sum(ego_VD, self.layers)

    def contrasts(self, context: StepContext) -> tuple[Contrast, ...]:
        """Users and items, the low-rank view against the main stream."""
        below_VD = self._sum(context.ego_VD, self.layers - 1)
        below_UD, below_ID = below_VD[: self.graph.num_users], below_VD[self.graph.num_users :]
        low_VD = torch.cat(
            [self.left_UQ @ (self.right_IQ.T @ below_ID), self.right_IQ @ (self.left_UQ.T @ below_UD)]
        )
        pair = ViewPair(context.ego_VD + low_VD, context.nodes_VD, self.form, self.contrast_weight, "all")
        item_B = torch.cat([context.ids.positive, context.ids.negative])
        return view_contrasts(self.graph, context, pair, item_B=item_B)

    def losses(self, context: StepContext, step: Step) -> Step:  # noqa: ARG002
        """Shrinks all parameters instead of the batch's rows."""
        squares = [parameter.square().sum() for parameter in self.parameters()]
        return replace(step, penalty=torch.stack(squares).sum())

    def _sum(self, ego_VD: Tensor, num_layers: int) -> Tensor:
        if self.dropout is None:
            return propagate(ego_VD, self.graph.adjacency, num_layers, reduce="sum")
        graphs, turned = self.graphs[:num_layers], self.turned[:num_layers]
        return propagate_through(ego_VD, graphs, transposed=turned, reduce="sum")
