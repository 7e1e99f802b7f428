from __future__ import annotations

import statistics

import pytest
import torch

from lghrec_compute.policy.advantage import (
    Rewards,
    compute_advantages,
    group_mean,
    grpo_advantage,
    hgpo_advantage,
)
from lghrec_compute.policy.reward import RewardParts


def test_hgpo_advantage_is_the_reward_minus_the_mean_of_the_group():
    # group 0: 1 and 3, mean 2; group 1: 4; group 2: empty
    reward, group = torch.tensor([[1.0], [4.0], [3.0]]), torch.tensor([0, 1, 0])
    advantage = hgpo_advantage(reward, torch.ones(3, 1), group, 3)
    assert advantage.flatten().tolist() == [-1.0, 0.0, 1.0]


def test_an_anchor_alone_in_its_group_has_the_advantage_0():
    assert hgpo_advantage(torch.tensor([[7.0]]), torch.ones(1, 1), torch.tensor([3]), 5).item() == 0.0


def test_hgpo_advantage_of_negatives_equals_its_twin():
    random = torch.Generator().manual_seed(0)
    reward = torch.randn(5, 2, 3, generator=random, dtype=torch.float64)
    weight = (torch.rand(5, 2, 3, generator=random) < 0.7).double()
    group = torch.tensor([0, 2, 0, 2, 1])
    advantage = hgpo_advantage(reward, weight, group, 4)
    for row in range(5):
        members = [
            reward[other, a, m].item()
            for other in range(5)
            for a in range(2)
            for m in range(3)
            if group[other] == group[row] and weight[other, a, m]
        ]
        for a in range(2):
            for m in range(3):
                expected = reward[row, a, m].item() - statistics.fmean(members) if weight[row, a, m] else 0.0
                assert advantage[row, a, m].item() == pytest.approx(expected, abs=1e-12)


def test_grpo_compares_the_actions_of_one_anchor():
    reward = torch.tensor([[1.0, 2.0, 3.0, 6.0], [5.0, 5.0, 5.0, 5.0]], dtype=torch.float64)
    advantage = grpo_advantage(reward, torch.ones_like(reward))
    spread = statistics.pstdev([1, 2, 3, 6]) + 1e-6
    assert advantage[0].tolist() == pytest.approx([(r - 3) / spread for r in (1, 2, 3, 6)])
    # equal rewards: no action is better than another
    assert advantage[1].tolist() == [0.0] * 4


def test_grpo_leaves_out_excluded_candidates():
    reward = torch.tensor([[[1.0, 3.0], [99.0, 5.0]]], dtype=torch.float64)
    weight = torch.tensor([[[1.0, 1.0], [0.0, 1.0]]], dtype=torch.float64)
    advantage = grpo_advantage(reward, weight)
    spread = statistics.pstdev([1, 3, 5]) + 1e-6
    assert advantage.flatten().tolist() == pytest.approx([-2 / spread, 0.0, 0.0, 2 / spread])


def rewards(*, with_temperature=True) -> Rewards:
    random = torch.Generator().manual_seed(1)
    hard, false, easy = torch.randn(3, 4, 2, 3, generator=random)
    weight = (torch.rand(4, 2, 3, generator=random) < 0.7).float()
    temperature = torch.randn(4, 2, generator=random) if with_temperature else None
    return Rewards(torch.zeros(4, 9), RewardParts(hard, false, easy), weight, torch.ones(4), temperature)


def test_the_reward_of_an_action_is_the_mean_of_its_negatives_plus_that_of_its_temperature():
    found, parts, weight = rewards().total_RA(), rewards().parts, rewards().weight_RAM
    total = parts.hard + parts.false + parts.easy
    for row in range(4):
        for a in range(2):
            counted = [total[row, a, m].item() for m in range(3) if weight[row, a, m]]
            mean = statistics.fmean(counted) if counted else 0.0
            assert found[row, a].item() == pytest.approx(mean + rewards().temperature_RA[row, a].item())


@pytest.mark.parametrize("name", ["group", "grpo"])
def test_factored_credit_compares_negatives_with_negatives_and_temperatures_with_temperatures(
    make_spec, name
):
    group = torch.tensor([0, 1, 0, 1])
    found = compute_advantages(rewards(), group, make_spec(num_groups=1, advantage=name))
    assert found.joint_RA is None
    for advantage, reward, weight in (
        (found.negatives_RAM, rewards().parts.total(), rewards().weight_RAM),
        (found.temperature_RA, rewards().temperature_RA, torch.ones(4, 2)),
    ):
        grpo = grpo_advantage(reward, weight)
        expected = grpo if name == "grpo" else hgpo_advantage(reward, weight, group, 2)
        assert torch.equal(advantage, expected)


def test_joint_credit_has_one_advantage_for_the_whole_action(make_spec):
    group = torch.tensor([0, 1, 0, 1])
    found = compute_advantages(rewards(), group, make_spec(num_groups=1, credit="joint"))
    assert found.negatives_RAM is None
    assert found.temperature_RA is None
    expected = hgpo_advantage(rewards().total_RA(), torch.ones(4, 2), group, 2)
    assert torch.equal(found.joint_RA, expected)


def test_there_is_no_advantage_for_what_the_policy_does_not_do(make_spec):
    group = torch.tensor([0, 1, 0, 1])
    found = compute_advantages(
        rewards(with_temperature=False), group, make_spec(num_groups=1, learn_temperature=False)
    )
    assert found.temperature_RA is None
    found = compute_advantages(rewards(), group, make_spec(num_groups=1, learn_negatives=False))
    assert found.negatives_RAM is None


def test_the_mean_of_a_group_is_weighted_and_that_of_an_empty_group_is_0():
    value, group = torch.tensor([1.0, 3.0, 5.0, 7.0]), torch.tensor([0, 0, 2, 2])
    mean, weight = group_mean(value, group, 3, torch.tensor([1.0, 1.0, 1.0, 0.0]))
    assert mean.tolist() == pytest.approx([2.0, 0.0, 5.0])
    assert weight.tolist() == [2.0, 0.0, 1.0]
