"""LightGCN."""

from __future__ import annotations

from torch import Tensor

from lghrec_compute.backbones.base import Backbone
from lghrec_compute.backbones.parts.inputs import Inputs
from lghrec_compute.graph import propagate


class LightGcn(Backbone):
    """z = 1/(L+1) sum over l = 0..L of A^l e, A the normalised adjacency (He et al. 2020, eqs 3 and 8).

    Batches run over interactions, each once an epoch; the official code draws users uniformly instead.
    """

    needs_rows_only = True

    def __init__(self, inputs: Inputs, *, layers: int) -> None:
        super().__init__(inputs)
        self.layers = layers

    def encode(self, ego_VD: Tensor) -> Tensor:
        """The mean over layers."""
        return propagate(ego_VD, self.graph.adjacency, self.layers)
