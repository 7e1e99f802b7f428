"""LightGCL (Cai et al. 2023, "LightGCL: Simple Yet Effective Graph Contrastive Learning"), as released.

The encoder is the sum over layers of graph convolutions, and the ranking loss is BPR. The second view
replaces the graph by a low-rank approximation of it. The contrast pulls the low-rank view of a node to its
embedding and pushes it away from the embeddings of all nodes of its type.

    z    = sum over l = 0..L of A^l e
    g    = e + A~ (sum over l = 0..L-1 of A^l e)
    loss = BPR + w (mean over the users a of the batch of c_a + the same over its positive and negative items)
    c_a  = log(sum over all v of a's type of e^{<g_a, z_v>/t}) - clamp(<g_a, z_a>/t, -5, 5)

with A~ the rank-Q singular value decomposition of A. The penalty is the squared norm of all parameters.
`edge_dropout` leaves out entries of A in z, in each layer and direction independently, in training only.

Departures: this is the loss of the released code and not the one of the paper. Its logarithm is computed as a
log-sum-exp, which stays finite where the code overflows. Nodes without a train interaction are no candidates.

Shapes: B rows of the batch, D embedding size, I items, Q rank, U users, V nodes (users, then items).
"""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor

from lghrec_compute.backbones.base import Backbone, Step
from lghrec_compute.backbones.parts.inputs import Inputs, StepContext
from lghrec_compute.backbones.parts.views import ViewPair, view_contrasts
from lghrec_compute.graph import ValueDropout, low_rank, propagate, propagate_through
from lghrec_compute.objectives import Contrast, Form
from lghrec_compute.spec.backbone import LightGclBackbone

_POSITIVE_CLAMP = 5.0
"""Bound of the released code. A positive pair beyond it receives no gradient."""


class LightGcl(Backbone[LightGclBackbone]):
    """Sums over layers with a contrast to a low-rank view of the graph."""

    left_UQ: Tensor
    right_IQ: Tensor

    def __init__(self, inputs: Inputs, spec: LightGclBackbone) -> None:
        super().__init__(inputs, spec)
        left_UQ, right_IQ = low_rank(inputs.graph, spec.rank, seed=inputs.seed)
        # checkpoints contain them: another number of threads may compute other last bits
        self.register_buffer("left_UQ", left_UQ)
        self.register_buffer("right_IQ", right_IQ)
        self.dropout = ValueDropout(inputs.graph, spec.edge_dropout) if spec.edge_dropout > 0 else None

    def encode(self, ego_VD: Tensor) -> Tensor:
        """Return the sum over layers, without dropout."""
        return propagate(ego_VD, self.graph.adjacency, self.spec.layers, reduce="sum")

    def encode_training(self, ego_VD: Tensor) -> Tensor:
        """Return the sum over layers, with dropout."""
        if self.dropout is None:
            return self.encode(ego_VD)
        self.graphs, self.transposed = self.dropout.draw(self.spec.layers)
        return self._sum(ego_VD, self.spec.layers)

    def contrasts(self, context: StepContext) -> tuple[Contrast, ...]:
        """Return two tasks, of users and of items: the low-rank view against the final embeddings."""
        below_VD = self._sum(context.ego_VD, self.spec.layers - 1)
        below_UD, below_ID = below_VD[: self.graph.num_users], below_VD[self.graph.num_users :]
        low_VD = torch.cat(
            [self.left_UQ @ (self.right_IQ.T @ below_ID), self.right_IQ @ (self.left_UQ.T @ below_UD)]
        )
        form = Form(self.spec.temperature, similarity="dot", positive_clamp=_POSITIVE_CLAMP)
        pair = ViewPair(context.ego_VD + low_VD, context.nodes_VD, form, self.spec.contrast_weight, "all")
        item_B = torch.cat([context.ids.positive, context.ids.negative])
        return view_contrasts(self.graph, context, pair, item_B=item_B)

    def losses(self, context: StepContext, step: Step) -> Step:  # noqa: ARG002
        """Penalise the squared norm of all parameters instead of the batch's ego embeddings."""
        squares = [parameter.square().sum() for parameter in self.parameters()]
        return replace(step, penalty=torch.stack(squares).sum())

    def _sum(self, ego_VD: Tensor, num_layers: int) -> Tensor:
        if self.dropout is None:
            return propagate(ego_VD, self.graph.adjacency, num_layers, reduce="sum")
        graphs, transposed = self.graphs[:num_layers], self.transposed[:num_layers]
        return propagate_through(ego_VD, graphs, transposed=transposed, reduce="sum")
