"""LightGCN (He et al. 2020, "LightGCN: Simplifying and Powering Graph Convolution Network for
Recommendation").

An embedding is the mean over layers of a linear graph convolution without weights. The loss is BPR with the
squared norm of the batch's ego embeddings. There is no contrast; a policy can add the structural one.

    z = 1/(L+1) sum over l = 0..L of A^l e                                             (eqs 3, 4 and 8)

with A the symmetrically normalized adjacency of the train interactions.

Departures from the released code: the embeddings start Xavier-uniform and not at N(0, 0.1^2), which makes the
first epochs slower; a batch contains interactions, each once per epoch, where the code draws users uniformly.

Shapes: D embedding size, V nodes (users, then items).
"""

from __future__ import annotations

from torch import Tensor

from lghrec_compute.backbones.base import Backbone
from lghrec_compute.graph import propagate
from lghrec_compute.spec.backbone import LightGcnBackbone


class LightGcn(Backbone[LightGcnBackbone]):
    """The mean over layers of graph convolutions."""

    needs_rows_only = True

    def encode(self, ego_VD: Tensor) -> Tensor:
        """Return the mean over layers."""
        return propagate(ego_VD, self.graph.adjacency, self.spec.layers)
