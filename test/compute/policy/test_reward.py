from __future__ import annotations

import itertools
import math

import pytest
import torch

from lghrec_compute.policy.reward import (
    Thresholds,
    candidate_kinds,
    negative_reward,
    target_temperature,
    temperature_reward,
    total_negative_reward,
)
from lghrec_compute.spec.policy import HgpoPolicy

EASY, HARD, FALSE_NEGATIVE, POSITIVE_SIMILARITY = 0.25, 0.5, 0.75, 0.625
WEIGHTS = HgpoPolicy(hard_weight=1.0, false_negative_weight=2.0, false_positive_weight=3.0, easy_weight=0.5)
# at each threshold, next to it on both sides, and at the ends
COSINES = [-1.0, 0.0, 0.125, 0.25, 0.375, 0.5, 0.5625, 0.625, 0.6875, 0.75, 0.875, 1.0]
PAIRS = list(itertools.product(COSINES, COSINES))


def thresholds() -> Thresholds:
    values = (EASY, HARD, FALSE_NEGATIVE, POSITIVE_SIMILARITY, math.inf)
    return Thresholds(*(torch.tensor(value) for value in values))


def pairs() -> tuple[torch.Tensor, torch.Tensor]:
    cosine, positive = torch.tensor(PAIRS).T
    return cosine, positive


def twin(cosine: float, positive: float) -> tuple[float, float, float]:
    """Eqs 1-3, for one candidate."""
    is_hard = HARD < cosine < FALSE_NEGATIVE and positive < POSITIVE_SIMILARITY
    false = 0.0
    if cosine >= FALSE_NEGATIVE:
        false = -WEIGHTS.false_negative_weight
    elif positive >= POSITIVE_SIMILARITY:
        false = -WEIGHTS.false_positive_weight
    hard = WEIGHTS.hard_weight if is_hard else 0.0
    return hard, false, -WEIGHTS.easy_weight if cosine <= EASY else 0.0


def test_rewards_of_negatives_equal_their_twin_also_at_the_thresholds():
    parts = negative_reward(*pairs(), thresholds(), WEIGHTS)
    expected = [twin(*pair) for pair in PAIRS]
    assert torch.stack(parts, dim=1).tolist() == [list(row) for row in expected]
    assert parts.total().tolist() == [sum(row) for row in expected]


def test_reward_of_a_whole_pool_is_the_sum_of_its_parts():
    cosine, positive = pairs()
    assert torch.equal(
        total_negative_reward(cosine, positive, thresholds(), WEIGHTS),
        negative_reward(cosine, positive, thresholds(), WEIGHTS).total(),
    )


@pytest.mark.parametrize(
    ("cosine", "positive", "reward"),
    [
        (0.5, 0.0, 0.0),  # not above the threshold of hard: between
        (0.51, 0.0, 1.0),  # hard
        (0.51, 0.625, -3.0),  # so similar to the positive that it is false
        (0.75, 0.0, -2.0),  # so similar to the anchor that it is false
        (0.75, 0.9, -2.0),  # both: the first row of eq 2 counts, once
        (0.25, 0.0, -0.5),  # easy
        (0.25, 0.9, -3.5),  # easy for the anchor, and similar to the positive
    ],
)
def test_reward_of_a_negative_by_hand(cosine, positive, reward):
    total = negative_reward(torch.tensor(cosine), torch.tensor(positive), thresholds(), WEIGHTS).total()
    assert total.item() == reward


def test_kinds_split_all_candidates():
    masks = torch.stack(candidate_kinds(*pairs(), thresholds()))
    assert masks.sum(dim=0).tolist() == [1] * len(PAIRS)
    parts = negative_reward(*pairs(), thresholds(), WEIGHTS)
    assert torch.equal(masks[0], parts.hard > 0)
    assert torch.equal(masks[2], parts.false < 0)


def test_temperature_reward_is_the_weighted_distance():
    # -1.2 * |0.3 - 0.5| = -0.24; -1.2 * |0.7 - 0.5| = -0.24
    reward = temperature_reward(torch.tensor([0.3, 0.7, 0.5]), torch.tensor(0.5), 1.2)
    assert reward.tolist() == pytest.approx([-0.24, -0.24, 0.0])


def test_target_temperature_of_the_paper():
    # 1 / (1 + ln 1) = 1, 1 / (1 + ln 2) = 0.5906, 1 / (1 + ln 17) = 0.2609
    target = target_temperature(torch.tensor([0.0, 1.0, 16.0]), scale=1.0, backbone_temperature=0.2)
    assert target.tolist() == pytest.approx([1.0, 0.5906, 0.2609], abs=1e-4)
    halved = target_temperature(torch.tensor([0.0, 1.0, 16.0]), scale=0.5, backbone_temperature=0.2)
    assert torch.allclose(halved, target / 2)


@pytest.mark.parametrize(("slope", "expected"), [(1.0, 0.25), (0.5, 0.5), (0.0, 1.0), (-0.5, 2.0)])
def test_the_slope_is_the_exponent(slope, expected):
    degree = torch.tensor([0.0, math.expm1(3.0)])  # 1 + ln(1 + d) is 1 and 4
    target = target_temperature(degree, scale=1.0, slope=slope, backbone_temperature=0.2)
    torch.testing.assert_close(target, torch.tensor([1.0, expected]))


def test_without_a_scale_the_mean_target_is_the_temperature_of_the_backbone():
    degree = torch.tensor([1.0, 3.0, 10.0, 100.0])
    target = target_temperature(degree, scale=None, backbone_temperature=0.15)
    assert target.mean().item() == pytest.approx(0.15)
    # the ratios are those of the paper's
    paper = target_temperature(degree, scale=1.0, backbone_temperature=0.15)
    assert torch.allclose(target / target[0], paper / paper[0])
