from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from lghrec_compute.degree_groups import COLD, degree_groups
from lghrec_compute.policy import PolicyInput
from lghrec_compute.policy.state import State, candidate_features, node_groups


def known(degree, num_users: int) -> PolicyInput:
    return PolicyInput(torch.as_tensor(degree), num_users, 4, 0, torch.device("cpu"))


def state_of(task) -> State:
    degree = torch.arange(1.0, 51.0)
    return State.of(task, degree, node_groups(known(degree, 20), 5))


def test_groups_are_those_of_evaluation_with_cold_nodes_in_the_lowest():
    degree = np.random.default_rng(0).integers(0, 30, 200)
    found = node_groups(known(degree, 80), 5)
    for part, first in ((slice(0, 80), 0), (slice(80, 200), 5)):
        expected = degree_groups(degree[part])
        assert (found[part].numpy() - first == np.where(expected == COLD, 0, expected)).all()


def test_users_and_items_have_their_own_groups():
    # users 1 2 3 4, items 10 20 30 40: two halves of each
    degree = torch.tensor([1, 2, 3, 4, 10, 20, 30, 40])
    assert node_groups(known(degree, 4), 2).tolist() == [0, 0, 1, 1, 2, 2, 3, 3]


def test_one_group_holds_all_users():
    assert node_groups(known([1, 5, 9, 2], 2), 1).tolist() == [0, 0, 1, 1]


def test_a_state_holds_unit_vectors_degree_and_their_cosine():
    # anchor and positive at a right angle, degree e - 1
    pair, none = torch.tensor([[[1.0, 0.0], [0.0, 1.0]]]), torch.zeros(0)
    state = State(pair, torch.tensor([math.e - 1]), none, none, None, 0.2)
    assert state.features().tolist() == [pytest.approx([1, 0, 0, 1, 1, 0])]


def test_candidate_features_are_the_cosines_of_the_task(make_task, make_spec):
    task = make_task()
    features = candidate_features(state_of(task), make_spec(thresholds="absolute"))
    torch.testing.assert_close(features.cosine_RN, task.cosine())
    torch.testing.assert_close(features.positive_cosine_RN, task.positive_cosine())


@pytest.mark.parametrize(
    ("changes", "reads"),
    [
        ({}, False),
        ({"positive_similarity_threshold": 0.98}, True),
        ({"max_positive_similarity_quantile": 0.9}, True),
        ({"thresholds": "absolute"}, True),
        ({"preset": "paper"}, True),
    ],
    ids=str,
)
def test_cosines_with_positives_are_computed_only_if_a_rule_reads_them(make_task, make_spec, changes, reads):
    features = candidate_features(state_of(make_task()), make_spec(**changes))
    assert (features.positive_cosine_RN is not None) == reads
    assert len(features.knots) == (2 if reads else 1)


def test_some_of_the_anchors_keep_the_pool(make_task):
    task = make_task()
    state, row = state_of(task), torch.tensor([7, 2])
    part = state.rows(row)
    assert torch.equal(part.features(), state.features()[row])
    assert torch.equal(part.excluded_BN, task.excluded_BN[row])
    assert (part.num_anchors, part.num_candidates) == (2, 30)


def test_more_candidates_can_be_excluded(make_task):
    state = state_of(make_task())
    more = torch.zeros(12, 30, dtype=torch.bool)
    more[:, 3] = True
    assert torch.equal(state.excluding(more).excluded_BN, state.excluded_BN | more)


def test_values_that_are_not_finite_become_0(make_task):
    task = make_task()
    task.anchor_BD[0], task.pool.candidate_ND[3] = math.nan, math.inf
    state = state_of(task)
    assert state.features().isfinite().all()
    assert state.unit_ND.isfinite().all()
