"""NESCL. Shapes: types.py; here B counts the users and the items of a batch's rows, 2 a row."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor

from lghrec_compute.backbones.base import Backbone
from lghrec_compute.backbones.parts.inputs import CandidatePools, Inputs, StepContext
from lghrec_compute.backbones.parts.rows import row_of
from lghrec_compute.graph import GraphDropout, excluded_mask, find_neighbors, propagate
from lghrec_compute.objectives import Contrast, Form, LossRows, Pool, Positives
from lghrec_compute.objectives.gather import embedding


class Nescl(Backbone):
    """LightGCN and a contrast of two views of thinned graphs, with neighbours as positives (Sun et al. 2023).

    Anchors i are the users and items of the batch's rows, in one pool. Each has three positives k: itself,
    the other end of its row, and a neighbour of its type drawn from the most similar. A positive's first
    view asks for the anchor's second: p(i,k) = e^{cos(z'_k, z''_i)/t} / sum over j of e^{cos(z'_k, z''_j)/t},
    j all anchors, as often as they stand in the batch.
    `positive_reduction` `log_mean`: -mean over i of log of the mean of
    p(i,k) over k; `mean_log`: -mean of log p(i,k).

    The denominator depends on k alone: here it is computed once for each distinct k over distinct j with
    their counts, the same number for a fraction of the 12 B^2 similarities of the released code. The paper
    draws two of 300 prepared graphs a step, and each pair once; here two graphs are drawn an epoch, as a
    graph costs some milliseconds, much of a small step, and they never run out.
    """

    step_tables = 10  # three encodings with their gradients and a layer of each, and the neighbours

    bytes_an_interaction = 165

    def __init__(
        self,
        inputs: Inputs,
        *,
        layers: int,
        temperature: float,
        contrast_weight: float,
        dropout: Literal["edge", "node"],
        drop_rate: float,
        neighbors: int,
        neighbor_sampling: Literal["uniform", "similarity"],
        positive_reduction: Literal["log_mean", "mean_log"],
        keep_layer_zero: bool,
    ) -> None:
        super().__init__(inputs)
        self.layers = layers
        self.keep_layer_zero = keep_layer_zero
        self.form = Form(temperature, positive_reduction=positive_reduction)
        self.contrast_weight = contrast_weight
        self.neighbors = find_neighbors(inputs.graph, neighbors, by=neighbor_sampling)
        self.dropout = GraphDropout(inputs.graph, kind=dropout, rate=drop_rate, seed=inputs.seed)
        self.on_epoch(1, resumed=False)

    def encode(self, ego_VD: Tensor) -> Tensor:
        """The mean over layers of the whole graph."""
        return self._encode_on(self.graph.adjacency, ego_VD)

    def on_epoch(self, epoch: int, *, resumed: bool) -> None:  # noqa: ARG002
        """Draws the two graphs of an epoch."""
        self.graphs = [self.dropout.draw(epoch, view) for view in (0, 1)]

    def contrasts(self, context: StepContext) -> tuple[Contrast, ...]:
        """One task of users and items together."""
        first_VD, second_VD = (self._encode_on(graph, context.ego_VD) for graph in self.graphs)
        node_B = torch.cat([context.ids.user, context.ids.positive])
        near_B = self.neighbors.draw(node_B)
        positive_P = torch.cat([node_B, context.ids.positive, context.ids.user, near_B])
        anchor_P = row_of(node_B).repeat(3)
        anchor_BD = embedding(node_B, second_VD)
        if context.pools is None:
            node_Q, row_P = torch.unique(positive_P, return_inverse=True)
            loss_rows = LossRows(embedding(node_Q, first_VD))
            pool, index_B = _batch_pool(node_B, second_VD)
            positives = Positives(row_P, index_B.repeat(3), anchor_P=anchor_P)
        else:
            loss_rows = LossRows(embedding(positive_P, first_VD), anchor_P)
            pool = self._drawn_pool(context.pools, second_VD, node_B, near_B)
            positives = Positives(row_of(positive_P), vector_PD=anchor_BD.repeat(3, 1))
        return (Contrast(anchor_BD, node_B, pool, positives, self.form, self.contrast_weight, loss_rows),)

    def _drawn_pool(self, pools: CandidatePools, second_VD: Tensor, node_B: Tensor, near_B: Tensor) -> Pool:
        """Drawn users and items; never the anchor, its train neighbours or its third positive."""
        node_N = torch.cat([pools.user_N, pools.item_N])
        excluded_BN = excluded_mask(self.graph, node_B, node_N, neighbors=True)
        excluded_BN |= near_B[:, None] == node_N[None, :]
        return Pool(embedding(node_N, second_VD), node_N, excluded_BN=excluded_BN)

    def _encode_on(self, adjacency: Tensor, ego_VD: Tensor) -> Tensor:
        return propagate(ego_VD, adjacency, self.layers, keep_layer_zero=self.keep_layer_zero)


def _batch_pool(node_B: Tensor, second_VD: Tensor) -> tuple[Pool, Tensor]:
    """The distinct anchors with their counts, and the place of each anchor among them."""
    node_N, index_B, count_N = torch.unique(node_B, return_inverse=True, return_counts=True)
    return Pool(embedding(node_N, second_VD), node_N, weight_N=count_N.to(second_VD.dtype)), index_B
