"""LightCCF. Shapes: types.py."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor
from torch.nn.functional import embedding, normalize

from lghrec_compute.backbones.base import Backbone, Triple
from lghrec_compute.backbones.ego import EgoTable
from lghrec_compute.graph import Graph, propagate
from lghrec_compute.objectives import Contrast, Form, Pool, Positives

_EPSILON = 1e-5
"""Inside the log of the released code; rows with a smaller share hardly move."""


class LightCcf(Backbone):
    """BPR and a neighbourhood aggregation loss (LightCCF, 2025), over the batch's pairs (u_b, i_b).

    -mean_b log(e^{s(u_b,i_b)/t} / Z_b + 1e-5), with s the cosine, t the temperature, and
    product: Z_b = sum_c e^{(s(u_b,i_c) + s(u_b,u_c))/t}, the released code; a candidate is a pair (i_c, u_c),
             and the own pair is one of them, with s(u_b,u_b) = 1;
    sum:     Z_b = sum_c e^{s(u_b,i_c)/t} + sum_c e^{s(u_b,u_c)/t}.

    Z depends on the user alone, so an anchor is a user of the batch, with as many positives as they have rows
    in it: the same number for a third of the work on small graphs.
    """

    def __init__(
        self,
        graph: Graph,
        ego: EgoTable,
        *,
        encoder: Literal["mf", "lightgcn"],
        layers: int,
        temperature: float,
        contrast_weight: float,
        form: Literal["product", "sum"],
    ) -> None:
        super().__init__(graph, ego)
        self.layers = layers if encoder == "lightgcn" else 0
        self.temperature = temperature
        self.contrast_weight = contrast_weight
        self.form: Literal["product", "sum"] = form

    def encode(self, ego_VD: Tensor) -> Tensor:
        """The mean over layers, or the ego rows for the encoder `mf`."""
        return propagate(ego_VD, self.graph.adjacency, self.layers)

    def contrasts(self, nodes_VD: Tensor, rows: Triple, ids: Triple) -> tuple[Contrast, ...]:
        """One task: the batch's users against its pairs."""
        anchor_node_B, anchor_P = torch.unique(ids.user, return_inverse=True)
        row_P = torch.arange(len(ids.user), device=ids.user.device)
        return (
            Contrast(
                embedding(anchor_node_B, nodes_VD),
                anchor_node_B,
                self._pool(rows, ids),
                Positives(anchor_P, row_P),
                Form(self.temperature, epsilon=_EPSILON),
                self.contrast_weight,
            ),
        )

    def _pool(self, rows: Triple, ids: Triple) -> Pool:
        if self.form == "product":
            return Pool(rows.positive, ids.positive, partner_ND=normalize(rows.user, dim=-1))
        return Pool(torch.cat([rows.positive, rows.user]), torch.cat([ids.positive, ids.user]))
