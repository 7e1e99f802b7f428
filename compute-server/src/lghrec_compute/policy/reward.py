"""Rule-based rewards of negatives and temperatures (LGHRec, section 2.3, eqs 1-6). Shapes: types.py.

All functions take any shape: one number a pair of anchor and candidate, or one an anchor.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor


class Levels(NamedTuple):
    """Cosines at which a candidate changes its kind; scalars on the device.

    The first three are of the cosine with the anchor, the last two of that with the positive. Above `near` a
    candidate is left out of the pool.
    """

    easy_low: Tensor
    easy: Tensor
    false_negative: Tensor
    false_positive: Tensor
    near: Tensor


@dataclass(frozen=True)
class Weights:
    """w1 to w4 of the paper, all at least 0."""

    hard: float
    false_negative: float
    false_positive: float
    easy: float


class Parts(NamedTuple):
    """Reward of each negative by its reason, eqs 1-3; their sum is eq 4."""

    hard: Tensor
    false: Tensor
    easy: Tensor

    def total(self) -> Tensor:
        """Eq 4."""
        return self.hard + self.false + self.easy


class Zones(NamedTuple):
    """Masks that split all candidates: false ones first, then hard, easy, and those between."""

    hard: Tensor
    easy: Tensor
    false: Tensor
    between: Tensor


def negative_reward(
    cosine: Tensor, positive_cosine: Tensor | None, levels: Levels, weights: Weights
) -> Parts:
    """Reward of choosing a candidate, from its cosines with the anchor and with the positive.

    Where both rows of eq 2 hold, the first counts, once. `positive_cosine` None: no candidate is near the
    positive.
    """
    near_anchor = cosine >= levels.false_negative
    near_positive = _near(positive_cosine, levels, like=near_anchor)
    hard = (cosine > levels.easy) & ~near_anchor & ~near_positive
    kind = cosine.dtype
    by_anchor = near_anchor.to(kind) * -weights.false_negative
    by_positive = (near_positive & ~near_anchor).to(kind) * -weights.false_positive
    return Parts(
        hard=hard.to(kind) * weights.hard,
        false=by_anchor + by_positive,
        easy=(cosine <= levels.easy_low).to(kind) * -weights.easy,
    )


def total_reward(cosine: Tensor, positive_cosine: Tensor | None, levels: Levels, weights: Weights) -> Tensor:
    """Eq 4 at once, for whole pools: what `negative_reward` sums up to, in a third of the time."""
    mask = torch.empty_like(cosine)
    reward = torch.gt(cosine, levels.easy, out=torch.empty_like(cosine)).mul_(weights.hard)
    # masks as numbers: a step all the way to the other value, where a mask of bits would need a pass more
    if positive_cosine is not None:
        torch.ge(positive_cosine, levels.false_positive, out=mask)
        reward.lerp_(mask.new_tensor(-weights.false_positive), mask)
    torch.ge(cosine, levels.false_negative, out=mask)
    reward.lerp_(mask.new_tensor(-weights.false_negative), mask)
    torch.le(cosine, levels.easy_low, out=mask)
    return reward.sub_(mask, alpha=weights.easy)


def zones(cosine: Tensor, positive_cosine: Tensor | None, levels: Levels) -> Zones:
    """What kind of negative each candidate would be."""
    near_anchor = cosine >= levels.false_negative
    false = near_anchor | _near(positive_cosine, levels, like=near_anchor)
    hard = (cosine > levels.easy) & ~false
    easy = (cosine <= levels.easy_low) & ~false
    return Zones(hard, easy, false, ~(false | hard | easy))


def _near(positive_cosine: Tensor | None, levels: Levels, *, like: Tensor) -> Tensor:
    return torch.zeros_like(like) if positive_cosine is None else positive_cosine >= levels.false_positive


def temperature_reward(temperature: Tensor, target: Tensor, weight: float) -> Tensor:
    """Eq 5: -w5 |tau - T|."""
    return -weight * (temperature - target).abs()


def target_temperature(degree_B: Tensor, *, scale: float | None, native: float, slope: float = 1.0) -> Tensor:
    """Eq 6 with a factor and an exponent, T(d) = t0 / (1 + ln(1 + d))^slope.

    `scale` is t0 and `slope` the exponent, both 1 in the paper. `scale` None, a departure: t0 is such that
    the mean of T over these anchors is the backbone's `native` temperature, which the paper's T exceeds for
    most nodes. With the slope 0 all anchors have one target, below 0 it rises with the degree.
    """
    shape_B = (1.0 + torch.log1p(degree_B)) ** -slope
    return shape_B * (native / shape_B.mean() if scale is None else scale)
