"""The parts of HGPO's objective (LGHRec, section 2.5). Shapes: types.py; R anchors that are learned from.

The whole is L = -L_policy - c1 (S_neg + c_tau S_temp) + lambda Var_g. Two departures from the paper:
eq 8 as printed adds c1 S to what is minimised, which drives exploration out, while its text wants it: here
entropies are subtracted. And the variance over groups of rewards that were sampled and ruled upon has no
gradient: here it is that of the rewards expected under the policy, in closed form.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from lghrec_compute.policy.groups import cell_mean


def clipped(log_ratio: Tensor, advantage: Tensor, clip_range: float) -> Tensor:
    """Eq 9 for each sample: min(r A, clip(r, 1 - eps, 1 + eps) A), of log r.

    In the first of several steps on the same data the ratio is 1 and nothing is clipped.
    """
    gain = _Clipped.apply(log_ratio, advantage, clip_range)
    assert isinstance(gain, Tensor)
    return gain


class _Clipped(torch.autograd.Function):
    """r A is its own derivative by log r where it is not clipped: one product for five gradients."""

    @staticmethod
    def forward(ctx: Any, log_ratio: Tensor, advantage: Tensor, clip_range: float) -> Tensor:
        """The smaller of the two."""
        ratio = log_ratio.exp()
        free = ratio * advantage
        gain = torch.minimum(free, ratio.clamp_(1 - clip_range, 1 + clip_range).mul_(advantage))
        ctx.save_for_backward(gain, gain == free)
        return gain

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None, None]:
        """Nothing of what is clipped."""
        gain, is_free = ctx.saved_tensors
        return (grads[0] * gain).mul_(is_free), None, None


def candidate_entropy(log_probability_RN: Tensor) -> Tensor:
    """Eq 12: entropy of the categorical over the pool, in nats, [R]."""
    return -(log_probability_RN.exp() * log_probability_RN).sum(dim=1)


def temperature_entropy(deviation_R: Tensor) -> Tensor:
    """Eq 13: entropy of the normal distribution, in nats, [R]; below 0 for narrow ones."""
    return 0.5 * (1.0 + math.log(2 * math.pi)) + torch.log(deviation_R)


def normal_log_probability(value: Tensor, mean: Tensor, deviation: Tensor) -> Tensor:
    """Log density of N(mean, deviation^2)."""
    return -0.5 * ((value - mean) / deviation).square() - torch.log(deviation) - 0.5 * math.log(2 * math.pi)


def expected_distance(mean: Tensor, deviation: Tensor, target: Tensor) -> Tensor:
    """E|tau - T| for tau of N(mean, deviation^2): s sqrt(2/pi) e^(-x^2 / 2 s^2) + x erf(x / (s sqrt 2))."""
    off = mean - target
    bell = torch.exp(-0.5 * (off / deviation).square())
    return deviation * math.sqrt(2 / math.pi) * bell + off * torch.erf(off / (deviation * math.sqrt(2)))


def group_variance(expected_R: Tensor, weight_R: Tensor, cell_R: Tensor, num_cells: int) -> Tensor:
    """Variance, of the population, of the groups' mean expected rewards; over the groups present."""
    mean_X, weight_X = cell_mean(expected_R, cell_R, num_cells, weight_R)
    present_X = (weight_X > 0).to(mean_X.dtype)
    count = present_X.sum().clamp(min=1)
    middle = (mean_X * present_X).sum() / count
    return ((mean_X - middle).square() * present_X).sum() / count
