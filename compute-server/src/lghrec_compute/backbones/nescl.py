"""NESCL (Sun et al. 2023, "Neighborhood-Enhanced Supervised Contrastive Learning for Collaborative
Filtering").

The encoder is LightGCN and the ranking loss is BPR. As in SGL, two graphs with random parts left out give two
views of every node. The neighbors of an anchor are additional positives in the contrast.

    loss     = BPR + w c
    log_mean:  c = -mean over i of log of the mean over k of p(i, k)
    mean_log:  c = -mean over i and k of log p(i, k)
    p(i, k)  = e^{cos(z'_k, z''_i)/t} / sum over j of e^{cos(z'_k, z''_j)/t}

Anchors i and candidates j are the users and items of the batch's rows in one pool, as often as the batch
contains them. Each anchor has three positives k: itself, the other node of its row, and a node of its type
that is drawn from its most similar ones (section 4.1). The first view of a positive is compared with the
second view of the anchor. The released code calls `log_mean` "in" and `mean_log` "out".

Departures from the released code: it draws two of 300 prepared graphs per step and uses each pair once; here
two graphs are drawn per epoch, since drawing takes much of a small step, and the graphs never run out. The
penalty is the squared norm of ego embeddings and not their norm. The denominator depends on k only, so it is
computed once for each distinct k over the distinct j with their counts: the same value with a fraction of 12
B^2 similarities.

Shapes: B anchors, which are the users and the items of the batch's rows, D embedding size, N candidates,
P positive pairs, Q rows of the loss, V nodes.
"""

from __future__ import annotations

import torch
from torch import Tensor

from lghrec_compute.backbones.base import Backbone
from lghrec_compute.backbones.parts.inputs import CandidatePools, Inputs, StepContext
from lghrec_compute.backbones.parts.rows import row_of
from lghrec_compute.graph import GraphDropout, excluded_mask, find_neighbors, propagate
from lghrec_compute.objectives import Contrast, Form, LossRows, Pool, Positives
from lghrec_compute.objectives.gather import embedding
from lghrec_compute.spec.backbone import NesclBackbone


class Nescl(Backbone[NesclBackbone]):
    """LightGCN with a contrast between two graphs, and neighbors as positives."""

    step_tables = 10  # three encodings with their gradients and a layer of each, and the neighbors
    bytes_per_interaction = 165

    def __init__(self, inputs: Inputs, spec: NesclBackbone) -> None:
        super().__init__(inputs, spec)
        self.form = Form(spec.temperature, positive_reduction=spec.positive_reduction)
        self.neighbors = find_neighbors(inputs.graph, spec.neighbors, by=spec.neighbor_sampling)
        self.dropout = GraphDropout(inputs.graph, kind=spec.dropout, rate=spec.drop_rate, seed=inputs.seed)
        self.on_epoch(1, resumed=False)

    def encode(self, ego_VD: Tensor) -> Tensor:
        """Return the mean over layers on the whole graph."""
        return self._encode_on(self.graph.adjacency, ego_VD)

    def on_epoch(self, epoch: int, *, resumed: bool) -> None:  # noqa: ARG002
        """Draw the two graphs of an epoch."""
        self.graphs = [self.dropout.draw(epoch, view) for view in (0, 1)]

    def contrasts(self, context: StepContext) -> tuple[Contrast, ...]:
        """Return one task of users and items together."""
        first_VD, second_VD = (self._encode_on(graph, context.ego_VD) for graph in self.graphs)
        node_B = torch.cat([context.ids.user, context.ids.positive])
        near_B = self.neighbors.draw(node_B)
        positive_P = torch.cat([node_B, context.ids.positive, context.ids.user, near_B])
        anchor_P = row_of(node_B).repeat(3)
        anchor_BD = embedding(node_B, second_VD)
        if context.pools is None:
            node_Q, row_P = torch.unique(positive_P, return_inverse=True)
            rows = LossRows(embedding(node_Q, first_VD))
            pool, index_B = _batch_pool(node_B, second_VD)
            positives = Positives(row_P, index_B.repeat(3), anchor_P=anchor_P)
        else:
            rows = LossRows(embedding(positive_P, first_VD), anchor_P)
            pool = self._requested_pool(context.pools, second_VD, node_B, near_B)
            positives = Positives(row_of(positive_P), vector_PD=anchor_BD.repeat(3, 1))
        return (Contrast(anchor_BD, node_B, pool, positives, self.form, self.spec.contrast_weight, rows),)

    def _requested_pool(
        self, pools: CandidatePools, second_VD: Tensor, node_B: Tensor, near_B: Tensor
    ) -> Pool:
        """Users and items of the pools, without the anchor, its train neighbors and its third positive."""
        node_N = torch.cat([pools.user_N, pools.item_N])
        excluded_BN = excluded_mask(self.graph, node_B, node_N, neighbors=True)
        excluded_BN |= near_B[:, None] == node_N[None, :]
        return Pool(embedding(node_N, second_VD), node_N, excluded_BN=excluded_BN)

    def _encode_on(self, adjacency: Tensor, ego_VD: Tensor) -> Tensor:
        return propagate(ego_VD, adjacency, self.spec.layers, keep_layer_zero=self.spec.keep_layer_zero)


def _batch_pool(node_B: Tensor, second_VD: Tensor) -> tuple[Pool, Tensor]:
    """Return the distinct anchors with their counts, and the index of each anchor among them."""
    node_N, index_B, count_N = torch.unique(node_B, return_inverse=True, return_counts=True)
    return Pool(embedding(node_N, second_VD), node_N, weight_N=count_N.to(second_VD.dtype)), index_B
