"""LightCCF. Shapes: types.py."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor
from torch.nn.functional import normalize

from lghrec_compute.backbones.base import Backbone
from lghrec_compute.backbones.inputs import Draw, Inputs, View
from lghrec_compute.backbones.rows import first_of_each, row_of
from lghrec_compute.graph import forbidden, propagate
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

    def structural_view(self, view: View) -> Tensor | None:
        """None for the encoder `mf`."""
        return super().structural_view(view) if self.layers else None

    def contrasts(self, view: View) -> tuple[Contrast, ...]:
        """One task: the batch's users against its pairs, or against what was drawn."""
        form = Form(self.temperature, epsilon=_EPSILON)
        if view.draw is not None:
            pool, positives = self._drawn(view, view.draw)
            return (Contrast(view.rows.user, view.ids.user, pool, positives, form, self.contrast_weight),)
        anchor_node_B, row_P = torch.unique(view.ids.user, return_inverse=True)
        order_P = first_of_each(row_P, len(anchor_node_B))
        positives = Positives(row_P.index_select(0, order_P), order_P)
        anchor_BD = embedding(order_P[: len(anchor_node_B)], view.rows.user)
        return (Contrast(anchor_BD, anchor_node_B, self._batch(view), positives, form, self.contrast_weight),)

    def _batch(self, view: View) -> Pool:
        rows, ids = view.rows, view.ids
        if self.form == "product":
            return Pool(rows.positive, ids.positive, partner_ND=normalize(rows.user, dim=-1))
        return Pool(torch.cat([rows.positive, rows.user]), torch.cat([ids.positive, ids.user]))

    def _drawn(self, view: View, draw: Draw) -> tuple[Pool, Positives]:
        row_P = row_of(view.ids.user)
        product = self.form == "product"
        node_N = draw.pair_item_N if product else torch.cat([draw.item_N, draw.user_N])
        forbidden_BN = forbidden(self.graph, view.ids.user, node_N, neighbors=True)
        candidate_ND = embedding(node_N, view.nodes_VD)
        if not product:
            pool = Pool(candidate_ND, node_N, forbidden_BN=forbidden_BN)
            return pool, Positives(row_P, vector_PD=view.rows.positive)
        partner_ND = normalize(embedding(draw.pair_user_N, view.nodes_VD), dim=-1)
        pool = Pool(candidate_ND, node_N, partner_ND, forbidden_BN)
        own_PD = normalize(view.rows.user, dim=-1)
        return pool, Positives(row_P, vector_PD=view.rows.positive, partner_PD=own_PD)
