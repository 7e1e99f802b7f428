from __future__ import annotations

import itertools
import math

import pytest
import torch

from lghrec_compute.policy.reward import (
    Levels,
    Weights,
    negative_reward,
    target_temperature,
    temperature_reward,
    total_reward,
    zones,
)

LEVELS = (0.25, 0.5, 0.75, 0.625)
WEIGHTS = Weights(hard=1.0, false_negative=2.0, false_positive=3.0, easy=0.5)
# on each threshold, just off it on both sides, and at the ends
COSINES = [-1.0, 0.0, 0.125, 0.25, 0.375, 0.5, 0.5625, 0.625, 0.6875, 0.75, 0.875, 1.0]
PAIRS = list(itertools.product(COSINES, COSINES))


def levels() -> Levels:
    return Levels(*(torch.tensor(level) for level in (*LEVELS, math.inf)))


def pairs() -> tuple[torch.Tensor, torch.Tensor]:
    cosine, positive = torch.tensor(PAIRS).T
    return cosine, positive


def by_the_rules(cosine: float, positive: float) -> tuple[float, float, float]:
    """Eqs 1-3, one candidate at a time."""
    easy_low, easy, false_negative, false_positive = LEVELS
    hard = WEIGHTS.hard if easy < cosine < false_negative and positive < false_positive else 0.0
    false = 0.0
    if cosine >= false_negative:
        false = -WEIGHTS.false_negative
    elif positive >= false_positive:
        false = -WEIGHTS.false_positive
    return hard, false, -WEIGHTS.easy if cosine <= easy_low else 0.0


def test_rewards_of_negatives_follow_the_rules_also_at_the_thresholds():
    parts = negative_reward(*pairs(), levels(), WEIGHTS)
    expected = [by_the_rules(*pair) for pair in PAIRS]
    assert torch.stack(parts, dim=1).tolist() == [list(row) for row in expected]
    assert parts.total().tolist() == [sum(row) for row in expected]


def test_reward_of_a_whole_pool_is_the_sum_of_its_parts():
    cosine, positive = pairs()
    assert torch.equal(
        total_reward(cosine, positive, levels(), WEIGHTS),
        negative_reward(cosine, positive, levels(), WEIGHTS).total(),
    )


@pytest.mark.parametrize(
    ("cosine", "positive", "reward"),
    [
        (0.5, 0.0, 0.0),  # not above easy: between
        (0.51, 0.0, 1.0),  # hard
        (0.51, 0.625, -3.0),  # as close to the positive as a false one
        (0.75, 0.0, -2.0),  # as close to the anchor as a false one
        (0.75, 0.9, -2.0),  # both: the first row of eq 2 counts, once
        (0.25, 0.0, -0.5),  # easy
        (0.25, 0.9, -3.5),  # easy for the anchor, and close to the positive
    ],
)
def test_reward_of_a_negative_by_hand(cosine, positive, reward):
    total = negative_reward(torch.tensor(cosine), torch.tensor(positive), levels(), WEIGHTS).total()
    assert total.item() == reward


def test_zones_split_all_candidates():
    masks = torch.stack(zones(*pairs(), levels()))
    assert masks.sum(dim=0).tolist() == [1] * len(PAIRS)
    parts = negative_reward(*pairs(), levels(), WEIGHTS)
    assert torch.equal(masks[0], parts.hard > 0)
    assert torch.equal(masks[2], parts.false < 0)


def test_temperature_reward_is_the_weighted_distance():
    # -1.2 * |.3 - .5| = -.24; -1.2 * |.7 - .5| = -.24
    reward = temperature_reward(torch.tensor([0.3, 0.7, 0.5]), torch.tensor(0.5), 1.2)
    assert reward.tolist() == pytest.approx([-0.24, -0.24, 0.0])


def test_target_temperature_of_the_paper():
    # 1 / (1 + ln 1) = 1, 1 / (1 + ln 2) = .5906, 1 / (1 + ln 17) = .2609
    target = target_temperature(torch.tensor([0.0, 1.0, 16.0]), scale=1.0, native=0.2)
    assert target.tolist() == pytest.approx([1.0, 0.5906, 0.2609], abs=1e-4)
    halved = target_temperature(torch.tensor([0.0, 1.0, 16.0]), scale=0.5, native=0.2)
    assert torch.allclose(halved, target / 2)


@pytest.mark.parametrize(("slope", "expected"), [(1.0, 0.25), (0.5, 0.5), (0.0, 1.0), (-0.5, 2.0)])
def test_the_slope_is_the_exponent_of_the_fall_with_degree(slope, expected):
    degree = torch.tensor([0.0, math.expm1(3.0)])  # 1 + ln(1 + d) is 1 and 4
    target = target_temperature(degree, scale=1.0, slope=slope, native=0.2)
    torch.testing.assert_close(target, torch.tensor([1.0, expected]))


def test_native_target_has_the_backbones_temperature_as_its_mean():
    degree = torch.tensor([1.0, 3.0, 10.0, 100.0])
    target = target_temperature(degree, scale=None, native=0.15)
    assert target.mean().item() == pytest.approx(0.15)
    # the ratios are those of the paper's
    paper = target_temperature(degree, scale=1.0, native=0.15)
    assert torch.allclose(target / target[0], paper / paper[0])
