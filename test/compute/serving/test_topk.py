"""Exact lists in NumPy, compared with a full sort and with the lists of evaluation."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from lghrec_compute.evaluation import rank
from lghrec_compute.evaluation.pairs import Lists
from lghrec_compute.serving.topk import best_items, dot_rows, nearest_items, norms

NOTHING = (np.zeros(0, np.int64), np.zeros(0, np.int64))


def longest(items_ID: np.ndarray) -> float:
    return float(norms(items_ID).max())


def test_best_items_of_a_case_worked_by_hand():
    items_ID = np.array([[1, 0], [0, 1], [1, 1], [1, 0], [-1, 0]], np.float32)
    users_BD = np.array([[2, 0], [1, 2]], np.float32)
    # user 0 scores 2 0 2 2 -2, and item 2 is masked; user 1 scores 1 2 3 1 -1
    found = best_items(users_BD, items_ID, (np.array([0]), np.array([2])), k=3, longest=longest(items_ID))
    assert found[0].tolist() == [[0, 3, 1], [2, 1, 0]]  # items 0 and 3 tie, and the lower one comes first
    assert found[1].tolist() == [[2, 2, 0], [3, 2, 1]]


def test_positions_without_a_candidate_are_marked():
    ones_ID = np.ones((3, 1), np.float32)
    masked = np.array([0, 0, 1, 1, 1]), np.array([0, 1, 0, 1, 2])
    found = best_items(np.ones((2, 1), np.float32), ones_ID, masked, k=5, longest=1.0)
    assert found[0].tolist() == [[2, -1, -1], [-1, -1, -1]]
    assert found[1].tolist() == [[1, -np.inf, -np.inf], [-np.inf] * 3]


@pytest.mark.parametrize("scale", [1e-20, 1.0, 1e15])
@pytest.mark.parametrize("k", [1, 7, 200])
def test_lists_are_those_of_evaluation_to_the_bit(scale: float, k: int):
    rng = np.random.default_rng(k)
    users_UD = (rng.standard_normal((23, 33)) * scale).astype(np.float32)
    items_ID = rng.standard_normal((150, 33)).astype(np.float32)
    items_ID[75:] = items_ID[:75][rng.permutation(75)]  # every score occurs twice
    items_ID[10:20] += rng.standard_normal((10, 33)).astype(np.float32) * 1e-7  # and some are nearly equal
    mask_UI = rng.random((23, 150)) < 0.3
    row_E, item_E = np.nonzero(mask_UI)
    offsets = np.concatenate([[0], np.cumsum(mask_UI.sum(1))])
    seen = Lists(offsets, item_E)
    expected = rank(torch.from_numpy(users_UD), torch.from_numpy(items_ID), cutoff=min(k, 150), seen=seen)
    items_UK, scores_UK = best_items(users_UD, items_ID, (row_E, item_E), k=k, longest=longest(items_ID))
    assert np.array_equal(items_UK, expected.items_UK)
    assert np.array_equal(scores_UK, expected.scores_UK)


def test_ties_of_all_items_are_ordered_by_item():
    ones_ID = np.ones((1000, 64), np.float32) / 3
    found = best_items(ones_ID[:5], ones_ID, NOTHING, k=10, longest=longest(ones_ID))
    assert found[0].tolist() == [list(range(10))] * 5


def test_nearest_items_of_a_case_worked_by_hand():
    # relative to item 0: 1 has the same direction, 2 is orthogonal, 3 is opposite, 4 is zero, 5 equals 1
    items_ID = np.array([[2, 0], [5, 0], [0, 3], [-1, 0], [0, 0], [1, 0]], np.float32)
    found, cosine = nearest_items(items_ID, norms(items_ID), 0, k=10)
    assert found.tolist() == [1, 5, 2, 4, 3]
    assert cosine.tolist() == [1, 1, 0, 0, -1]
    found, cosine = nearest_items(items_ID, norms(items_ID), 4, k=2)  # a zero vector has cosine 0 with all
    assert (found.tolist(), cosine.tolist()) == ([0, 1], [0, 0])
    assert len(nearest_items(items_ID[:1], norms(items_ID[:1]), 0, k=3)[0]) == 0


def test_blocks_change_no_bit():
    rng = np.random.default_rng(0)
    rows_ND = rng.standard_normal((9000, 5)).astype(np.float32)
    with_D = rng.standard_normal(5)
    whole = dot_rows(rows_ND, with_D)
    assert np.allclose(whole, rows_ND.astype(float) @ with_D, rtol=1e-12, atol=1e-12)
    assert np.array_equal(whole[4000:4200], dot_rows(rows_ND[4000:4200], with_D))
    assert np.allclose(norms(rows_ND), np.linalg.norm(rows_ND.astype(float), axis=1), rtol=1e-12)
