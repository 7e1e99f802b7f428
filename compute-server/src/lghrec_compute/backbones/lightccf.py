"""LightCCF. Shapes: types.py."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor
from torch.nn.functional import normalize

from lghrec_compute.backbones.base import Backbone
from lghrec_compute.backbones.parts.inputs import CandidatePools, Inputs, StepContext
from lghrec_compute.backbones.parts.rows import first_of_each, row_of
from lghrec_compute.graph import excluded_mask, propagate
from lghrec_compute.objectives import Contrast, Form, Pool, Positives
from lghrec_compute.objectives.gather import embedding

_EPSILON = 1e-5
"""Inside the log of the released code; rows with a smaller share hardly move."""


class LightCcf(Backbone):
    """BPR and a neighbourhood aggregation loss (LightCCF, 2025), over the batch's pairs (u_b, i_b).

    -mean_b log(e^{s(u_b,i_b)/t} / Z_b + 1e-5), with s the cosine, t the temperature, and
    product: Z_b = sum_c e^{(s(u_b,i_c) + s(u_b,u_c))/t}, the released code; a candidate is a pair (i_c, u_c),
             and the own pair is one of them, with s(u_b,u_b) = 1;
    sum:     Z_b = sum_c e^{s(u_b,i_c)/t} + sum_c e^{s(u_b,u_c)/t}.

    Z depends on the user alone, so an anchor is a user of the batch, with as many positives as they have rows
    in it: the same number for a third of the work on small graphs. Drawn candidates are train pairs for
    `product`, where the own pair keeps its term, and items and users for `sum`.
    """

    needs_rows_only = True

    def __init__(
        self,
        inputs: Inputs,
        *,
        encoder: Literal["mf", "lightgcn"],
        layers: int,
        temperature: float,
        contrast_weight: float,
        form: Literal["product", "sum"],
    ) -> None:
        super().__init__(inputs)
        self.layers = layers if encoder == "lightgcn" else 0
        self.temperature = temperature
        self.contrast_weight = contrast_weight
        self.form: Literal["product", "sum"] = form

    def encode(self, ego_VD: Tensor) -> Tensor:
        """The mean over layers, or the ego rows for the encoder `mf`."""
        return propagate(ego_VD, self.graph.adjacency, self.layers)

    def structural_view(self, context: StepContext) -> Tensor | None:
        """None for the encoder `mf`."""
        return super().structural_view(context) if self.layers else None

    def contrasts(self, context: StepContext) -> tuple[Contrast, ...]:
        """One task: the batch's users against its pairs, or against what was drawn."""
        form = Form(self.temperature, epsilon=_EPSILON)
        if context.pools is not None:
            pool, positives = self._drawn(context, context.pools)
            return (
                Contrast(context.rows.user, context.ids.user, pool, positives, form, self.contrast_weight),
            )
        anchor_node_B, row_P = torch.unique(context.ids.user, return_inverse=True)
        order_P = first_of_each(row_P, len(anchor_node_B))
        positives = Positives(row_P.index_select(0, order_P), order_P)
        anchor_BD = embedding(order_P[: len(anchor_node_B)], context.rows.user)
        return (
            Contrast(anchor_BD, anchor_node_B, self._batch(context), positives, form, self.contrast_weight),
        )

    def _batch(self, context: StepContext) -> Pool:
        rows, ids = context.rows, context.ids
        if self.form == "product":
            return Pool(rows.positive, ids.positive, partner_ND=normalize(rows.user, dim=-1))
        return Pool(torch.cat([rows.positive, rows.user]), torch.cat([ids.positive, ids.user]))

    def _drawn(self, context: StepContext, pools: CandidatePools) -> tuple[Pool, Positives]:
        row_P = row_of(context.ids.user)
        product = self.form == "product"
        node_N = pools.pair_item_N if product else torch.cat([pools.item_N, pools.user_N])
        excluded_BN = excluded_mask(self.graph, context.ids.user, node_N, neighbors=True)
        candidate_ND = embedding(node_N, context.nodes_VD)
        if not product:
            pool = Pool(candidate_ND, node_N, excluded_BN=excluded_BN)
            return pool, Positives(row_P, vector_PD=context.rows.positive)
        partner_ND = normalize(embedding(pools.pair_user_N, context.nodes_VD), dim=-1)
        pool = Pool(candidate_ND, node_N, partner_ND, excluded_BN)
        own_PD = normalize(context.rows.user, dim=-1)
        return pool, Positives(row_P, vector_PD=context.rows.positive, partner_PD=own_PD)
