"""How far a diagonal normal distribution is from the standard one. Shapes: types.py."""

from __future__ import annotations

from torch import Tensor


def gaussian_kl(mean_VD: Tensor, log_deviation_VD: Tensor) -> Tensor:
    """Mean over rows of KL(N(mean, deviation^2) || N(0, 1)) = -1/2 sum_D (1 + 2 log s - m^2 - s^2).

    A scalar, at least 0. With the logarithm of the deviation s where it belongs: VGCL's released code has s
    there, which its authors confirm to be a slip (Yang et al. 2023).
    """
    square = mean_VD.square().sum() + (2 * log_deviation_VD).exp().sum()
    return 0.5 * (square - mean_VD.numel() - 2 * log_deviation_VD.sum()) / len(mean_VD)
