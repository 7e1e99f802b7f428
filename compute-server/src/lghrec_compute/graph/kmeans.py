"""Clusters of vectors by Lloyd's algorithm. Shapes: types.py; here N counts points and K clusters."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

_TILE = {"cpu": 1 << 20, "cuda": 1 << 26}
"""Distances of a tile: on a CPU they stay in its cache."""


@torch.no_grad()
def kmeans(
    points_ND: Tensor,
    num_clusters: int,
    random: np.random.Generator,
    *,
    start_N: Tensor | None = None,
    iterations: int = 25,
    tolerance: float = 0.0,
) -> Tensor:
    """Cluster of each point, int64 [N], by the nearest centre; the first of two as near.

    Centres start as distinct points drawn by `random` and, where `start_N` gives clusters to start from, as
    the means of those that have members. Each of at most `iterations` rounds moves each centre to the mean of
    its points, one without points not at all, and assigns all points; it ends early when no more than the
    share `tolerance` of them changes cluster. Waits for the device once a round. `num_clusters` from 1 to N.
    """
    chosen_K = torch.from_numpy(random.choice(len(points_ND), num_clusters, replace=False))
    center_KD = points_ND.index_select(0, chosen_K.to(points_ND.device))
    if start_N is not None:
        center_KD = _means(points_ND, start_N, center_KD)
    cluster_N = nearest_center(points_ND, center_KD)
    for _ in range(iterations - 1):
        center_KD = _means(points_ND, cluster_N, center_KD)
        before_N, cluster_N = cluster_N, nearest_center(points_ND, center_KD)
        if (cluster_N != before_N).sum() <= tolerance * len(cluster_N):
            break
    return cluster_N


def nearest_center(points_ND: Tensor, center_KD: Tensor) -> Tensor:
    """Place of the nearest centre of each point, int64 [N]; the first of two as near."""
    # -|x - c|^2 / 2 without what is the same for all centres
    half_K = center_KD.square().sum(dim=1).mul_(-0.5)
    size = max(1, _TILE.get(points_ND.device.type, 1 << 20) // len(center_KD))
    return torch.cat(
        [_argmax(torch.addmm(half_K, tile_XD, center_KD.T)) for tile_XD in points_ND.split(size)]
    )


def _argmax(score_XK: Tensor) -> Tensor:
    if score_XK.device.type == "cpu":
        # numpy's, first of equals like torch's: 6 times as fast
        return torch.from_numpy(score_XK.numpy().argmax(axis=1))
    return score_XK.argmax(dim=1)


def _means(points_ND: Tensor, cluster_N: Tensor, before_KD: Tensor) -> Tensor:
    """Mean of each cluster's points; what it was before for a cluster without any."""
    sum_KD = torch.zeros_like(before_KD).index_add_(0, cluster_N, points_ND)
    count_K1 = torch.bincount(cluster_N, minlength=len(before_KD))[:, None]
    return torch.where(count_K1 > 0, sum_KD / count_K1.clamp(min=1), before_KD)
