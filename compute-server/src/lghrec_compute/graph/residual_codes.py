"""Codes by residual k-means.

Shapes: D size of a point, H levels, K codes per level, N points.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from lghrec_compute.graph.kmeans import kmeans


def residual_codes(points_ND: Tensor, num_codes: int, num_levels: int, *, seed: int) -> Tensor:
    """Return the codes of each point, int64 [N, H].

    The code of the first level is the cluster of the point. The next level clusters the residuals, which are
    the points minus the means of their clusters, and so on. The codes of level h are in [h K, (h + 1) K), and
    `num_codes` K is at most N. They depend on the points and `seed` only. This is the residual quantization
    of AutoGraph (Shan et al. 2024) without the encoder before it.
    """
    codes_HN = []
    for level in range(num_levels):
        random = np.random.default_rng(np.random.SeedSequence((seed, level, 4)))
        cluster_N = kmeans(points_ND, num_codes, random)
        points_ND = points_ND - _means(points_ND, cluster_N, num_codes).index_select(0, cluster_N)
        codes_HN.append(cluster_N + level * num_codes)
    return torch.stack(codes_HN, dim=1)


def _means(points_ND: Tensor, cluster_N: Tensor, num_clusters: int) -> Tensor:
    sum_KD = points_ND.new_zeros(num_clusters, points_ND.shape[1]).index_add_(0, cluster_N, points_ND)
    return sum_KD / torch.bincount(cluster_N, minlength=num_clusters).clamp(min=1)[:, None]
