"""HGPO on frozen embeddings, where the best policy is known."""

from __future__ import annotations

import pytest
import torch

from lghrec_compute.objectives import Contrast, Form, Pool, Positives
from lghrec_compute.policy import PolicyInput
from lghrec_compute.policy.reward import target_temperature

SEEDS = range(5)
DEGREES = (1, 4, 16, 64)


def task_of(anchor_BD, positive_BD, candidate_ND, temperature) -> Contrast:
    index_B = torch.arange(len(anchor_BD))
    pool = Pool(candidate_ND, torch.arange(len(candidate_ND)))
    positives = Positives(index_B, vector_PD=positive_BD)
    return Contrast(anchor_BD, index_B, pool, positives, Form(temperature), 1.0)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_policy_finds_the_best_negatives_and_the_target_temperatures(make_hgpo, seed):
    """Long before 2,000 updates: at least 95 % of the best reward, and tau within 0.02 of T(d)."""
    random = torch.Generator().manual_seed(100 + seed)
    anchor_BD = torch.randn(64, 4, generator=random)
    positive_BD = anchor_BD + 0.5 * torch.randn(64, 4, generator=random)
    task = task_of(anchor_BD, positive_BD, torch.randn(40, 4, generator=random), 0.3)
    degree_V = torch.tensor(DEGREES).repeat(20).float()
    policy = make_hgpo(
        PolicyInput(degree_V, 64, 4, seed, torch.device("cpu")),
        num_negatives=4,
        learning_rate=1e-3,
        entropy_weight=0.02,
        harmony_weight=0.0,
        false_negative_threshold=0.98,
        positive_similarity_threshold=0.98,
        target_temperature_slope=1.0,
    )
    rewards, temperatures = [], []
    for _ in range(300):
        selection = policy.act(task)
        scalars = policy.learn([selection])
        rewards.append(sum(scalars[f"policy/reward_{part}"].item() for part in ("hard", "false", "easy")))
        temperatures.append(selection.temperature_B)

    # every row has more than four hard negatives, whose reward is 1
    assert rewards[0] < 0.5
    assert sum(rewards[-20:]) / 20 >= 0.95
    mean_B = torch.stack(temperatures[-20:]).mean(dim=0)
    target_B = target_temperature(degree_V[:64], scale=None, backbone_temperature=0.3)
    for degree in DEGREES:
        of_degree = degree_V[:64] == degree
        assert abs(mean_B[of_degree].mean() - target_B[of_degree].mean()).item() < 0.02


def test_temperatures_follow_degrees_while_negatives_are_learned(make_hgpo):
    """The same candidates are best for all anchors; the temperatures must still differ by degree."""
    random = torch.Generator().manual_seed(0)
    node_VD = torch.randn(64, 16, generator=random)
    task = task_of(node_VD, node_VD + 0.2, torch.randn(128, 16, generator=random), 0.3)
    degree_V = torch.tensor(DEGREES).repeat(16).float()
    policy = make_hgpo(
        PolicyInput(degree_V, 64, 16, 0, torch.device("cpu")), num_negatives=64, learning_rate=1e-3
    )
    for _ in range(300):
        policy.learn([policy.act(task)])

    mean_B = torch.stack([policy.act(task).temperature_B for _ in range(20)]).mean(dim=0)
    target_B = target_temperature(degree_V, scale=None, backbone_temperature=0.3, slope=0.3)
    for degree in DEGREES:
        of_degree = degree_V == degree
        assert abs(mean_B[of_degree].mean() - target_B[of_degree].mean()).item() < 0.01


@pytest.mark.parametrize("seed", SEEDS)
def test_the_harmony_loss_brings_the_rewards_of_an_easy_and_a_hard_group_together(make_hgpo, seed):
    """Half of the pool is hard for one group, a twentieth for the other; entropy keeps both from the best."""
    random = torch.Generator().manual_seed(seed)
    candidate_ND = torch.zeros(40, 4)
    candidate_ND[:20, 0], candidate_ND[:2, 1] = 0.65, 0.65
    candidate_ND[:, 2] = (1 - candidate_ND.square().sum(dim=1)).sqrt()
    anchor_BD = torch.eye(4)[torch.tensor([0] * 8 + [1] * 8)]
    anchor_BD = anchor_BD + 0.02 * torch.randn(16, 4, generator=random)
    task = task_of(anchor_BD, anchor_BD, candidate_ND, 0.2)
    degree_V = torch.tensor([1.0] * 8 + [9.0] * 8 + [1.0] * 4)

    def final_variance(harmony_weight: float) -> float:
        policy = make_hgpo(
            PolicyInput(degree_V, 16, 4, seed, torch.device("cpu")),
            num_negatives=1,
            num_groups=2,
            learn_temperature=False,
            thresholds="absolute",
            entropy_weight=0.5,
            learning_rate=3e-3,
            harmony_weight=harmony_weight,
        )
        seen = [policy.learn([policy.act(task)])["policy/group_variance"].item() for _ in range(80)]
        return sum(seen[-30:]) / 30

    assert final_variance(0.5) < 0.7 * final_variance(0.0)
