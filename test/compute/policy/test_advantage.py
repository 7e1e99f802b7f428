from __future__ import annotations

import statistics

import pytest
import torch

from lghrec_compute.policy.advantage import action_advantage, group_advantage


def test_advantage_is_the_reward_less_its_groups_mean():
    # group 0: 1 and 3, mean 2; group 1: 4; group 2: empty
    reward, cell = torch.tensor([[1.0], [4.0], [3.0]]), torch.tensor([0, 1, 0])
    advantage = group_advantage(reward, torch.ones(3, 1), cell, 3)
    assert advantage.flatten().tolist() == [-1.0, 0.0, 1.0]


def test_advantage_of_a_lone_anchor_is_zero():
    assert group_advantage(torch.tensor([[7.0]]), torch.ones(1, 1), torch.tensor([3]), 5).item() == 0.0


def test_advantage_of_negatives_equals_its_twin():
    random = torch.Generator().manual_seed(0)
    reward = torch.randn(5, 2, 3, generator=random, dtype=torch.float64)
    weight = (torch.rand(5, 2, 3, generator=random) < 0.7).double()
    cell = torch.tensor([0, 2, 0, 2, 1])
    advantage = group_advantage(reward, weight, cell, 4)
    for row in range(5):
        members = [
            reward[other, a, m].item()
            for other in range(5)
            for a in range(2)
            for m in range(3)
            if cell[other] == cell[row] and weight[other, a, m]
        ]
        for a in range(2):
            for m in range(3):
                expected = reward[row, a, m].item() - statistics.fmean(members) if weight[row, a, m] else 0.0
                assert advantage[row, a, m].item() == pytest.approx(expected, abs=1e-12)


def test_grpo_compares_the_actions_of_one_anchor():
    reward = torch.tensor([[1.0, 2.0, 3.0, 6.0], [5.0, 5.0, 5.0, 5.0]], dtype=torch.float64)
    advantage = action_advantage(reward, torch.ones_like(reward))
    spread = statistics.pstdev([1, 2, 3, 6]) + 1e-6
    assert advantage[0].tolist() == pytest.approx([(r - 3) / spread for r in (1, 2, 3, 6)])
    # all alike: nothing to prefer
    assert advantage[1].tolist() == [0.0] * 4


def test_grpo_leaves_out_what_was_not_chosen():
    reward = torch.tensor([[[1.0, 3.0], [99.0, 5.0]]], dtype=torch.float64)
    weight = torch.tensor([[[1.0, 1.0], [0.0, 1.0]]], dtype=torch.float64)
    advantage = action_advantage(reward, weight)
    spread = statistics.pstdev([1, 3, 5]) + 1e-6
    assert advantage.flatten().tolist() == pytest.approx([-2 / spread, 0.0, 0.0, 2 / spread])
