"""Matrix factorisation."""

from __future__ import annotations

from torch import Tensor

from lghrec_compute.backbones.base import Backbone
from lghrec_compute.backbones.parts.inputs import StepContext


class Mf(Backbone):
    """z = e: the ego rows are the final embeddings. BPR on sampled items (Rendle et al. 2009, BPR-MF)."""

    needs_rows_only = True

    def encode(self, ego_VD: Tensor) -> Tensor:
        """The ego rows themselves."""
        return ego_VD

    def structural_view(self, context: StepContext) -> None:  # noqa: ARG002
        """There are no layers."""
        return
