"""Rule-based rewards of negatives and temperatures (LGHRec, section 2.3, eqs 1-6).

The functions of eqs 1-5 work elementwise on tensors of any shape: one element per pair of an anchor and a
candidate, or per anchor. Shapes elsewhere: B anchors.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from lghrec_compute.spec.policy import HgpoPolicy


class Thresholds(NamedTuple):
    """Cosines at which a candidate changes its kind, as scalars on the device.

    `easy`, `hard` and `false_negative` apply to the cosine with the anchor (theta_easy_low, theta_easy and
    theta_FN of the paper). The others apply to the cosine with the positive: `positive_similarity` is
    theta_FP, and above `max_positive` a candidate is excluded from the pool.
    """

    easy: Tensor
    hard: Tensor
    false_negative: Tensor
    positive_similarity: Tensor
    max_positive: Tensor


class RewardParts(NamedTuple):
    """Reward of each negative by its rule: eqs 1, 2 and 3."""

    hard: Tensor
    false: Tensor
    easy: Tensor

    def total(self) -> Tensor:
        """Return the reward of eq 4, the sum of the parts."""
        return self.hard + self.false + self.easy


class CandidateKinds(NamedTuple):
    """Masks that split all candidates into four kinds; `between` lies between easy and hard."""

    hard: Tensor
    easy: Tensor
    false: Tensor
    between: Tensor


def negative_reward(
    cosine: Tensor, positive_cosine: Tensor | None, thresholds: Thresholds, spec: HgpoPolicy
) -> RewardParts:
    """Compute the reward of selecting a candidate as a negative (LGHRec, eqs 1-4).

    Where both rows of eq 2 hold, the first counts, once; the paper does not say which. `positive_cosine` None
    means that no candidate is similar to the positive.
    """
    near_anchor = cosine >= thresholds.false_negative
    near_positive = _near_positive(positive_cosine, thresholds, like=near_anchor)
    hard = (cosine > thresholds.hard) & ~near_anchor & ~near_positive
    dtype = cosine.dtype
    by_anchor = near_anchor.to(dtype) * -spec.false_negative_weight
    by_positive = (near_positive & ~near_anchor).to(dtype) * -spec.false_positive_weight
    return RewardParts(
        hard=hard.to(dtype) * spec.hard_weight,
        false=by_anchor + by_positive,
        easy=(cosine <= thresholds.easy).to(dtype) * -spec.easy_weight,
    )


def total_negative_reward(
    cosine: Tensor, positive_cosine: Tensor | None, thresholds: Thresholds, spec: HgpoPolicy
) -> Tensor:
    """Compute the total of `negative_reward` (LGHRec, eq 4) for whole pools, in a third of its time."""
    mask = torch.empty_like(cosine)
    reward = torch.gt(cosine, thresholds.hard, out=torch.empty_like(cosine)).mul_(spec.hard_weight)
    # the masks are numbers 0 and 1 for lerp_, which moves all the way to the other value; a mask of bits
    # would need one more pass
    if positive_cosine is not None:
        torch.ge(positive_cosine, thresholds.positive_similarity, out=mask)
        reward.lerp_(mask.new_tensor(-spec.false_positive_weight), mask)
    torch.ge(cosine, thresholds.false_negative, out=mask)
    reward.lerp_(mask.new_tensor(-spec.false_negative_weight), mask)
    torch.le(cosine, thresholds.easy, out=mask)
    return reward.sub_(mask, alpha=spec.easy_weight)


def candidate_kinds(cosine: Tensor, positive_cosine: Tensor | None, thresholds: Thresholds) -> CandidateKinds:
    """Return the kind of each candidate by the thresholds of eqs 1-3; false comes before hard and easy."""
    near_anchor = cosine >= thresholds.false_negative
    false = near_anchor | _near_positive(positive_cosine, thresholds, like=near_anchor)
    hard = (cosine > thresholds.hard) & ~false
    easy = (cosine <= thresholds.easy) & ~false
    return CandidateKinds(hard, easy, false, ~(false | hard | easy))


def _near_positive(positive_cosine: Tensor | None, thresholds: Thresholds, *, like: Tensor) -> Tensor:
    if positive_cosine is None:
        return torch.zeros_like(like)
    return positive_cosine >= thresholds.positive_similarity


def temperature_reward(temperature: Tensor, target: Tensor, weight: float) -> Tensor:
    """Compute the reward of a temperature, -w5 |tau - T| (LGHRec, eq 5)."""
    return -weight * (temperature - target).abs()


def target_temperature(
    degree_B: Tensor, *, scale: float | None, backbone_temperature: float, slope: float = 1.0
) -> Tensor:
    """Compute the target temperature of each anchor, T(d) = t0 / (1 + ln(1 + d))^slope (LGHRec, eq 6).

    `scale` is t0. The paper has t0 = 1 and the exponent 1. `scale` None is a departure: t0 is such that the
    mean of T over these anchors is the backbone's temperature, because the paper's T is above it for most
    nodes. With the slope 0 all anchors have the same target; with a slope below 0 it rises with the degree.
    """
    shape_B = (1.0 + torch.log1p(degree_B)) ** -slope
    return shape_B * (backbone_temperature / shape_B.mean() if scale is None else scale)
