"""SCCF. Shapes: types.py."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import torch
from torch import Tensor

from lghrec_compute.backbones.base import Backbone, Step
from lghrec_compute.backbones.parts.inputs import CandidatePools, Inputs, StepContext
from lghrec_compute.backbones.parts.rows import first_of_each, row_of
from lghrec_compute.graph import excluded_mask, propagate
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
        self.form = Form(temperature, kernel="exp_square", denominator="global")

    def encode(self, ego_VD: Tensor) -> Tensor:
        """The mean over layers, or the ego rows for the encoder `mf`."""
        return propagate(ego_VD, self.graph.adjacency, self.layers)

    def structural_view(self, context: StepContext) -> Tensor | None:
        """None for the encoder `mf`."""
        return super().structural_view(context) if self.layers else None

    def losses(self, context: StepContext, step: Step) -> Step:  # noqa: ARG002
        """The contrast alone."""
        return replace(step, ranking=None, penalty=None)

    def contrasts(self, context: StepContext) -> tuple[Contrast, ...]:
        """One task: the batch's distinct users against its distinct items, or its rows against drawn ones."""
        return (self._batch(context) if context.pools is None else self._drawn(context, context.pools),)

    def _batch(self, context: StepContext) -> Contrast:
        user_B, row_P, user_count_B = _distinct(context.ids.user)
        item_N, index_P, item_count_N = _distinct(context.ids.positive)
        pool = Pool(
            embedding(item_N, context.nodes_VD), item_N, weight_N=item_count_N.to(context.nodes_VD.dtype)
        )
        order_P = first_of_each(row_P, len(user_B))
        positives = Positives(row_P[order_P], index_P[order_P])
        anchor_BD = embedding(user_B, context.nodes_VD)
        return Contrast(
            anchor_BD,
            user_B,
            pool,
            positives,
            self.form,
            1.0,
            anchor_weight_B=user_count_B.to(anchor_BD.dtype),
        )

    def _drawn(self, context: StepContext, pools: CandidatePools) -> Contrast:
        excluded_BN = excluded_mask(self.graph, context.ids.user, pools.item_N, neighbors=True)
        pool = Pool(embedding(pools.item_N, context.nodes_VD), pools.item_N, excluded_BN=excluded_BN)
        positives = Positives(row_of(context.ids.user), vector_PD=context.rows.positive)
        return Contrast(context.rows.user, context.ids.user, pool, positives, self.form, 1.0)


def _distinct(node_B: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    return torch.unique(node_B, return_inverse=True, return_counts=True)
