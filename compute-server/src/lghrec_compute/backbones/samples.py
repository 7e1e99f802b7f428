"""Samples of normally distributed embeddings. Shapes: types.py; X counts the nodes that a step needs."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from lghrec_compute.backbones.inputs import View
from lghrec_compute.objectives.gather import embedding


class Samples(NamedTuple):
    """Two draws of each of `node_X`, sorted ids of the graph."""

    node_X: Tensor
    first_XD: Tensor
    second_XD: Tensor

    def first(self, node_B: Tensor) -> Tensor:
        """First draws of nodes, all of them in `node_X`, [B, D]."""
        return embedding(torch.searchsorted(self.node_X, node_B), self.first_XD)

    def second(self, node_B: Tensor) -> Tensor:
        """Second draws, [B, D]."""
        return embedding(torch.searchsorted(self.node_X, node_B), self.second_XD)


def draw_samples(view: View, log_deviation_VD: Tensor, *, noise: float) -> Samples:
    """Means, the view's rows, plus noise x deviation x a normal number, twice: the device's random numbers.

    Of the batch's and the drawn nodes alone: a normal number costs as much as one of a sparse product.
    """
    drawn = () if view.draw is None else (view.draw.user_N, view.draw.item_N)
    node_X = torch.unique(torch.cat([*view.ids, *drawn]))
    mean_XD = embedding(node_X, view.nodes_VD)
    scale_XD = noise * embedding(node_X, log_deviation_VD).exp()
    normal_2XD = torch.randn((2, *mean_XD.shape), dtype=mean_XD.dtype, device=mean_XD.device)
    return Samples(node_X, *(mean_XD + scale_XD * normal_XD for normal_XD in normal_2XD))
