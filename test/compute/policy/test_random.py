from __future__ import annotations

import math

import pytest
import torch

from lghrec_compute.policy import Random, build_policy
from lghrec_compute.spec.base import parse
from lghrec_compute.spec.policy import RandomPolicy


def random_policy(known, **fields) -> Random:
    policy = build_policy(parse(RandomPolicy, fields), known)
    assert isinstance(policy, Random)
    return policy


def test_random_selects_the_same_number_of_candidates_for_each_anchor(make_task, make_known):
    task = make_task(12, 30)
    policy = random_policy(make_known(), num_negatives=7, pool_size=64)
    selection = policy.act(task)
    assert selection.negative_BN is not None
    assert selection.negative_BN.sum(dim=1).tolist() == [7] * 12
    assert not (selection.negative_BN & task.excluded_BN).any()
    assert selection.temperature_B is None
    assert selection.log_weight_BN is None
    assert policy.learn([selection]) == {}
    assert policy.diagnostics() == {}


def test_random_draws_each_candidate_equally_often(make_task, make_known):
    task = make_task(20_000, 10, share_excluded=0.0)
    selection = random_policy(make_known(), num_negatives=3).act(task)
    assert selection.negative_BN is not None
    share = selection.negative_BN.double().mean(dim=0)
    assert (share - 0.3).abs().max().item() < 4 * math.sqrt(0.3 * 0.7 / 20_000)


def test_random_selects_a_tenth_of_all_nodes_by_default(make_task, make_known):
    # 50 nodes: 5
    selection = random_policy(make_known()).act(make_task(12, 30))
    assert selection.negative_BN is not None
    assert selection.negative_BN.sum(dim=1).tolist() == [5] * 12


def test_rescaled_random_negatives_have_the_weight_of_all_candidates(make_task, make_known):
    task = make_task(3, 10, share_excluded=0.0)
    selection = random_policy(make_known(), num_negatives=2, rescale_negatives=True).act(task)
    assert selection.log_weight_BN is not None
    assert selection.log_weight_BN.flatten().tolist() == pytest.approx([math.log(5)] * 3)


def test_random_resumes_with_the_same_bits(make_task, make_known):
    task, policy = make_task(), random_policy(make_known(), num_negatives=5)
    policy.act(task)
    state = {name: value.clone() for name, value in policy.state_dict().items()}
    expected = policy.act(task).negative_BN
    other = random_policy(make_known(seed=9), num_negatives=5)
    other.load_state_dict(state)
    assert expected is not None
    assert torch.equal(other.act(task).negative_BN, expected)
