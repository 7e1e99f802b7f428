"""Kullback-Leibler divergence of diagonal normal distributions from the standard one.

Shapes: D embedding size, V nodes.
"""

from __future__ import annotations

from torch import Tensor


def gaussian_kl(mean_VD: Tensor, log_deviation_VD: Tensor) -> Tensor:
    """Return the mean over rows of KL(N(m, s^2) || N(0, 1)) = -1/2 sum over D of (1 + 2 log s - m^2 - s^2).

    The result is a scalar, at least 0. The released code of VGCL (Yang et al. 2023) has s in the place of
    log s, which its authors confirm to be an error.
    """
    square = mean_VD.square().sum() + (2 * log_deviation_VD).exp().sum()
    return 0.5 * (square - mean_VD.numel() - 2 * log_deviation_VD.sum()) / len(mean_VD)
