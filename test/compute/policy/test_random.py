from __future__ import annotations

import math

import pytest
import torch

from lghrec_compute.policy import Random, build_policy
from lghrec_compute.spec.base import parse
from lghrec_compute.spec.policy import RandomPolicy


def test_random_chooses_as_many_allowed_ones_for_each_anchor(make_task, make_known):
    task = make_task(12, 30)
    policy = build_policy(parse(RandomPolicy, {"num_negatives": 7, "pool_size": 64}), make_known())
    selection = policy.act(task)
    assert selection.negative_BN is not None
    assert selection.negative_BN.sum(dim=1).tolist() == [7] * 12
    assert not (selection.negative_BN & task.excluded_BN).any()
    assert selection.temperature_B is None
    assert selection.log_weight_BN is None
    assert policy.learn([selection]) == {}
    assert policy.diagnostics() == {}


def test_random_draws_each_candidate_alike(make_task, make_known):
    task = make_task(20_000, 10, share_forbidden=0.0)
    selection = Random(make_known(), num_negatives=3).act(task)
    assert selection.negative_BN is not None
    share = selection.negative_BN.double().mean(dim=0)
    assert (share - 0.3).abs().max().item() < 4 * math.sqrt(0.3 * 0.7 / 20_000)


def test_random_takes_a_tenth_of_all_nodes_by_default(make_task, make_known):
    # 50 nodes: 5
    selection = Random(make_known(), num_negatives=None).act(make_task(12, 30))
    assert selection.negative_BN is not None
    assert selection.negative_BN.sum(dim=1).tolist() == [5] * 12


def test_random_rescales_to_all_that_are_allowed(make_task, make_known):
    task = make_task(3, 10, share_forbidden=0.0)
    selection = Random(make_known(), num_negatives=2, rescale_negatives=True).act(task)
    assert selection.log_weight_BN is not None
    assert selection.log_weight_BN.flatten().tolist() == pytest.approx([math.log(5)] * 3)


def test_random_goes_on_to_the_bit(make_task, make_known):
    task, policy = make_task(), Random(make_known(), num_negatives=5)
    policy.act(task)
    state = {name: value.clone() for name, value in policy.state_dict().items()}
    expected = policy.act(task).negative_BN
    other = Random(make_known(seed=9), num_negatives=5)
    other.load_state_dict(state)
    assert expected is not None
    assert torch.equal(other.act(task).negative_BN, expected)
