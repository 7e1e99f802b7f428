"""LightCCF (Zhang et al. 2025, "Unveiling Contrastive Learning's Capability of Neighborhood Aggregation for
Collaborative Filtering").

The encoder is matrix factorization or LightGCN, and the ranking loss is BPR. The contrast pulls a user to a
train item and pushes it away from the other users and items of the batch. No view of the graph is needed.

    loss = BPR - w mean over b of log(e^{s(u_b,i_b)/t} / Z_b + 1e-5)
    product: Z_b = sum over c of e^{(s(u_b,i_c) + s(u_b,u_c))/t}
    sum:     Z_b = sum over c of e^{s(u_b,i_c)/t} + sum over c of e^{s(u_b,u_c)/t}

over the rows (u_b, i_b) of the batch, with s the cosine and t the temperature. `product` is the released
code: a candidate is a pair (i_c, u_c), and the row's own pair is one of them, with s(u_b,u_b) = 1.

Departures from the released code: `sum` is not in it. Z depends on the user only, so an anchor is a distinct
user of the batch with one positive per row: the same value at a third of the cost on small graphs. If a
policy requests pools, the candidates are train pairs for `product`, where the row's own pair keeps its term,
and items and users for `sum`.

Shapes: B rows of the batch or distinct users, D embedding size, N candidates, P positive pairs, V nodes.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import normalize

from lghrec_compute.backbones.base import Backbone
from lghrec_compute.backbones.parts.inputs import CandidatePools, StepContext
from lghrec_compute.backbones.parts.rows import first_of_each, row_of
from lghrec_compute.graph import excluded_mask, propagate
from lghrec_compute.objectives import Contrast, Form, Pool, Positives
from lghrec_compute.objectives.gather import embedding
from lghrec_compute.spec.backbone import LightCcfBackbone

_EPSILON = 1e-5
"""Term inside the logarithm of the released code. Rows with a smaller probability receive almost no
gradient."""


class LightCcf(Backbone[LightCcfBackbone]):
    """BPR and a contrast between the users and items of the batch."""

    needs_rows_only = True

    def encode(self, ego_VD: Tensor) -> Tensor:
        """Return the mean over layers, or the ego embeddings for the encoder `mf`."""
        layers = self.spec.layers if self.spec.has_graph_layers else 0
        return propagate(ego_VD, self.graph.adjacency, layers)

    def contrasts(self, context: StepContext) -> tuple[Contrast, ...]:
        """Return one task: the users of the batch against its pairs, or against the requested pools."""
        form, weight = Form(self.spec.temperature, epsilon=_EPSILON), self.spec.contrast_weight
        rows, ids = context.rows, context.ids
        if context.pools is not None:
            pool, positives = self._requested(context, context.pools)
            return (Contrast(rows.user, ids.user, pool, positives, form, weight),)
        anchor_node_B, row_P = torch.unique(ids.user, return_inverse=True)
        order_P = first_of_each(row_P, len(anchor_node_B))
        positives = Positives(row_P.index_select(0, order_P), order_P)
        anchor_BD = embedding(order_P[: len(anchor_node_B)], rows.user)
        return (Contrast(anchor_BD, anchor_node_B, self._batch(context), positives, form, weight),)

    def _batch(self, context: StepContext) -> Pool:
        rows, ids = context.rows, context.ids
        if self.spec.form == "product":
            return Pool(rows.positive, ids.positive, partner_ND=normalize(rows.user, dim=-1))
        return Pool(torch.cat([rows.positive, rows.user]), torch.cat([ids.positive, ids.user]))

    def _requested(self, context: StepContext, pools: CandidatePools) -> tuple[Pool, Positives]:
        row_P = row_of(context.ids.user)
        product = self.spec.form == "product"
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
