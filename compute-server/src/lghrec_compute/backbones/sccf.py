"""SCCF. Shapes: types.py."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import torch
from torch import Tensor

from lghrec_compute.backbones.base import Backbone, Step
from lghrec_compute.backbones.inputs import Draw, Inputs, View
from lghrec_compute.backbones.rows import first_of_each, row_of
from lghrec_compute.graph import forbidden, propagate
from lghrec_compute.objectives import Contrast, Form, Pool, Positives
from lghrec_compute.objectives.gather import embedding


class Sccf(Backbone):
    """One contrast of users and items is the whole loss (SCCF, Wu et al. 2024); no BPR, nothing is shrunk.

    -mean over the batch's pairs of log k(s(u,i)) + log of the mean over its distinct users u and items i of
    c_u c_i k(s(u,i)), with s the cosine, k(s) = e^{s/t} + e^{s^2/t}, and c how often a node stands in the
    batch: one denominator for all pairs, positives among them. Trained by cosine, ranked by the dot product
    of the vectors as they are, whose length has learnt popularity.

    Batches should be as large as memory allows. Drawn candidates are items that the user has not.
    """

    def __init__(
        self, inputs: Inputs, *, encoder: Literal["mf", "lightgcn"], layers: int, temperature: float
    ) -> None:
        super().__init__(inputs)
        self.layers = layers if encoder == "lightgcn" else 0
        self.form = Form(temperature, kernel="exp_square", log="global")

    def encode(self, ego_VD: Tensor) -> Tensor:
        """The mean over layers, or the ego rows for the encoder `mf`."""
        return propagate(ego_VD, self.graph.adjacency, self.layers)

    def structural_view(self, view: View) -> Tensor | None:
        """None for the encoder `mf`."""
        return super().structural_view(view) if self.layers else None

    def losses(self, view: View, step: Step) -> Step:  # noqa: ARG002
        """The contrast alone."""
        return replace(step, ranking=None, penalty=None)

    def contrasts(self, view: View) -> tuple[Contrast, ...]:
        """One task: the batch's distinct users against its distinct items, or its rows against drawn ones."""
        return (self._batch(view) if view.draw is None else self._drawn(view, view.draw),)

    def _batch(self, view: View) -> Contrast:
        user_B, row_P, user_count_B = _distinct(view.ids.user)
        item_N, place_P, item_count_N = _distinct(view.ids.positive)
        pool = Pool(embedding(item_N, view.nodes_VD), item_N, weight_N=item_count_N.to(view.nodes_VD.dtype))
        order_P = first_of_each(row_P, len(user_B))
        positives = Positives(row_P[order_P], place_P[order_P])
        anchor_BD = embedding(user_B, view.nodes_VD)
        return Contrast(
            anchor_BD,
            user_B,
            pool,
            positives,
            self.form,
            1.0,
            anchor_weight_B=user_count_B.to(anchor_BD.dtype),
        )

    def _drawn(self, view: View, draw: Draw) -> Contrast:
        forbidden_BN = forbidden(self.graph, view.ids.user, draw.item_N, neighbors=True)
        pool = Pool(embedding(draw.item_N, view.nodes_VD), draw.item_N, forbidden_BN=forbidden_BN)
        positives = Positives(row_of(view.ids.user), vector_PD=view.rows.positive)
        return Contrast(view.rows.user, view.ids.user, pool, positives, self.form, 1.0)


def _distinct(node_B: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    return torch.unique(node_B, return_inverse=True, return_counts=True)
