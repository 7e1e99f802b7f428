"""Degree groups and their means, compared with numbers by hand."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from lghrec_compute.evaluation import (
    Evaluation,
    Evaluator,
    PairArrays,
    flat_means,
    group_variance,
    item_groups,
    user_groups,
)
from lghrec_compute.evaluation.groups import COLD, degree_groups


def evaluate(held_out: list[tuple[int, int]], scores_UI: list[list[float]]) -> tuple[Evaluator, Evaluation]:
    pairs = np.array(held_out)
    items_ID = torch.tensor(scores_UI).T.contiguous()
    num_users, num_items = len(scores_UI), len(items_ID)
    evaluator = Evaluator(
        PairArrays(pairs[:, 0], pairs[:, 1]), [], num_users=num_users, num_items=num_items, cutoffs=[1]
    )
    return evaluator, evaluator(torch.eye(num_users), items_ID)


def test_groups_are_fifths_by_ascending_degree():
    assert degree_groups(np.arange(1, 11)).tolist() == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]


def test_groups_keep_equal_degrees_together():
    # the edges are 1, 1, 1, 7: three groups are empty, because nodes of degree 1 are not separated
    assert degree_groups(np.array([1, 1, 1, 1, 1, 1, 7, 7, 9, 9])).tolist() == [0, 0, 0, 0, 0, 0, 3, 3, 4, 4]


def test_groups_set_apart_what_has_no_train_interaction():
    assert degree_groups(np.array([0, 3, 0, 3])).tolist() == [COLD, 0, COLD, 0]
    assert degree_groups(np.zeros(2, np.int64)).tolist() == [COLD, COLD]


def test_user_groups_hold_the_means_of_their_users():
    # degrees 1 to 5 are groups 0 to 4, 0 is cold; user 2 has no held-out item; users 0, 1, 5 find theirs
    degree_U = np.array([1, 2, 3, 4, 5, 0])
    _, found = evaluate([(0, 0), (1, 0), (3, 1), (4, 1), (5, 0)], [[2.0, 1.0]] * 6)
    groups = user_groups(found, degree_U)
    assert [group.name for group in groups] == [*(f"group_{number}" for number in range(5)), "cold"]
    assert [group.num_users for group in groups] == [1, 1, 0, 1, 1, 1]
    assert [group.num_members for group in groups] == [1] * 6
    assert [group.degrees for group in groups] == [(1, 1), (2, 2), (3, 3), (4, 4), (5, 5), (0, 0)]
    names = flat_means(groups)
    assert [names.get(f"group_{number}/recall@1") for number in range(5)] == [1, 1, None, 0, 0]
    assert names["cold/recall@1"] == 1
    # variance of 1, 1, 0, 0 over their number
    assert group_variance(groups)["recall@1"] == 0.25


def test_group_means_weighted_by_users_are_the_mean():
    rng = np.random.default_rng(0)
    held_out = [(user, int(rng.integers(0, 9))) for user in range(60)]
    _, found = evaluate(held_out, rng.random((60, 9)).tolist())
    groups = user_groups(found, rng.integers(0, 30, 60))
    for name, mean in found.means.items():
        total = sum(group.num_users * group.means[name] for group in groups if group.num_users)
        assert total / 60 == pytest.approx(mean)


def test_item_groups_count_only_their_items_as_held_out():
    # item degrees 1, 2, 3, 4, 5: item i is group i. List of one is [4] for user 0 and [0] for user 1.
    # held out: 4 and 0 of user 0 (group 4 found: 1, group 0 not: 0), and 0 of user 1 (group 0 found: 1)
    scores = [[0.0, 0.0, 0.0, 0.0, 1.0], [1.0, 0.0, 0.0, 0.0, 0.0]]
    evaluator, found = evaluate([(0, 0), (0, 4), (1, 0)], scores)
    groups = item_groups(evaluator, found, np.array([1, 2, 3, 4, 5]))
    names = flat_means(groups)
    assert names["item_group_0/recall@1"] == 0.5
    assert names["item_group_4/recall@1"] == 1.0
    assert [group.num_users for group in groups] == [2, 0, 0, 0, 1, 0]
    assert group_variance(groups)["recall@1"] == pytest.approx(0.0625)


def test_item_groups_of_items_without_train_interactions_are_cold():
    evaluator, found = evaluate([(0, 1)], [[0.0, 1.0]])
    names = flat_means(item_groups(evaluator, found, np.array([3, 0])))
    assert names["item_cold/recall@1"] == 1.0
