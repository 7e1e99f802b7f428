"""SCCF (Wu et al. 2024, "Unifying Graph Convolution and Contrastive Learning in Collaborative Filtering").

The encoder is matrix factorization or LightGCN. One contrast between the users and items of the batch is the
whole loss: there is no BPR, no sampled negative and no penalty. Training uses the cosine, and ranking the dot
product, since the norm of an embedding learns the popularity.

    loss = -mean over the pairs (u, i) of the batch of log k(s(u,i))
           + log of the mean over its distinct users u and items i of c_u c_i k(s(u,i))
    k(s) = e^{s/t} + e^{s^2/t}

with s the cosine, t the temperature, and c the number of times a node occurs in the batch. All pairs share
one denominator, which includes the positives. Batches should be as large as the memory allows.

Departures from the released code: a batch contains interactions only. With its own commands the released
loader adds one random pair without an interaction per interaction, and the loss treats both as positives. If
a policy requests pools, the candidates are items without an interaction of the user.

Shapes: B distinct users or rows of the batch, D embedding size, N candidates, P positive pairs, V nodes.
"""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor

from lghrec_compute.backbones.base import Backbone, Step
from lghrec_compute.backbones.parts.inputs import CandidatePools, Inputs, StepContext
from lghrec_compute.backbones.parts.rows import first_of_each, row_of
from lghrec_compute.graph import excluded_mask, propagate
from lghrec_compute.objectives import Contrast, Form, Pool, Positives
from lghrec_compute.objectives.gather import embedding
from lghrec_compute.spec.backbone import SccfBackbone


class Sccf(Backbone[SccfBackbone]):
    """One contrast between users and items, which is the whole loss."""

    def __init__(self, inputs: Inputs, spec: SccfBackbone) -> None:
        super().__init__(inputs, spec)
        self.form = Form(spec.temperature, kernel="exp_square", denominator="global")

    def encode(self, ego_VD: Tensor) -> Tensor:
        """Return the mean over layers, or the ego embeddings for the encoder `mf`."""
        layers = self.spec.layers if self.spec.has_graph_layers else 0
        return propagate(ego_VD, self.graph.adjacency, layers)

    def losses(self, context: StepContext, step: Step) -> Step:  # noqa: ARG002
        """Remove the ranking loss and the penalty."""
        return replace(step, ranking=None, penalty=None)

    def contrasts(self, context: StepContext) -> tuple[Contrast, ...]:
        """Return one task: the distinct users of the batch against its distinct items, or against the
        pools."""
        return (self._batch(context) if context.pools is None else self._requested(context, context.pools),)

    def _batch(self, context: StepContext) -> Contrast:
        user_B, row_P, user_count_B = _distinct(context.ids.user)
        item_N, index_P, item_count_N = _distinct(context.ids.positive)
        candidate_ND = embedding(item_N, context.nodes_VD)
        pool = Pool(candidate_ND, item_N, weight_N=item_count_N.to(candidate_ND.dtype))
        order_P = first_of_each(row_P, len(user_B))
        positives = Positives(row_P[order_P], index_P[order_P])
        anchor_BD = embedding(user_B, context.nodes_VD)
        weight_B = user_count_B.to(anchor_BD.dtype)
        return Contrast(anchor_BD, user_B, pool, positives, self.form, 1.0, anchor_weight_B=weight_B)

    def _requested(self, context: StepContext, pools: CandidatePools) -> Contrast:
        excluded_BN = excluded_mask(self.graph, context.ids.user, pools.item_N, neighbors=True)
        candidate_ND = embedding(pools.item_N, context.nodes_VD)
        pool = Pool(candidate_ND, pools.item_N, excluded_BN=excluded_BN)
        positives = Positives(row_of(context.ids.user), vector_PD=context.rows.positive)
        return Contrast(context.rows.user, context.ids.user, pool, positives, self.form, 1.0)


def _distinct(node_B: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    return torch.unique(node_B, return_inverse=True, return_counts=True)
