"""K-means clustering by Lloyd's algorithm.

Shapes: D size of a point, K clusters, N points, X points of a tile.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from lghrec_compute.tiles import rows_per_tile

_TILE = {"cpu": 1 << 20, "cuda": 1 << 26}
"""Number of distances per tile: on a CPU they stay in the cache."""


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
    """Return the cluster of each point, int64 [N], which is that of the nearest center.

    Of two centers at the same distance, the one with the lower index is the nearest. Centers start as
    distinct points that `random` draws. If `start_N` contains initial clusters, the centers of clusters with
    members start as their means. Each of at most `iterations` rounds moves each center to the mean of its
    points and assigns all points; a center without points does not move. The rounds end early if at most the
    share `tolerance` of the points changes its cluster. Each round waits for the device once. `num_clusters`
    is between 1 and N.
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
    """Return the index of the nearest center of each point, int64 [N]; the lower one of two equally near."""
    # -|x - c|^2 / 2 without the term that is equal for all centers
    half_K = center_KD.square().sum(dim=1).mul_(-0.5)
    size = rows_per_tile(len(center_KD), points_ND.device, _TILE)
    return torch.cat(
        [_argmax(torch.addmm(half_K, tile_XD, center_KD.T)) for tile_XD in points_ND.split(size)]
    )


def _argmax(score_XK: Tensor) -> Tensor:
    if score_XK.device.type == "cpu":
        # NumPy's is 6 times as fast, and returns the first maximum as torch's does
        return torch.from_numpy(score_XK.numpy().argmax(axis=1))
    return score_XK.argmax(dim=1)


def _means(points_ND: Tensor, cluster_N: Tensor, before_KD: Tensor) -> Tensor:
    """Return the mean of each cluster's points, or the center before for a cluster without points."""
    sum_KD = torch.zeros_like(before_KD).index_add_(0, cluster_N, points_ND)
    count_K1 = torch.bincount(cluster_N, minlength=len(before_KD))[:, None]
    return torch.where(count_K1 > 0, sum_KD / count_K1.clamp(min=1), before_KD)
