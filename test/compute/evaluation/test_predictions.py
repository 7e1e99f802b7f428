"""Lists of scored pairs: order, ties, masks, and counts."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from lghrec_compute.errors import DataError
from lghrec_compute.evaluation import Evaluator, PairArrays
from lghrec_compute.evaluation.predictions import Listed, Scored, list_scored


def pairs(*users_and_items: tuple[int, int]) -> PairArrays:
    array = np.array(users_and_items, np.int64).reshape(-1, 2)
    return PairArrays(array[:, 0], array[:, 1])


def scored(*rows: tuple[int, int, float]) -> Scored:
    users, items, scores = zip(*rows, strict=True) if rows else ((), (), ())
    return Scored(np.array(users, np.int64), np.array(items, np.int64), np.array(scores, np.float64))


def evaluator(held_out: PairArrays, *seen: PairArrays, cutoff: int = 3, num_users: int = 4) -> Evaluator:
    return Evaluator(held_out, seen, num_users=num_users, num_items=6, cutoffs=[1, cutoff])


def listed(*rows: tuple[int, int, float], seen: PairArrays | None = None) -> Listed:
    return list_scored(evaluator(pairs((0, 5), (2, 5)), seen or pairs()), scored(*rows))


def test_pairs_are_ordered_by_score_whatever_their_order_in_the_file():
    found = listed((2, 0, 0.1), (0, 3, 0.5), (0, 1, 0.9), (2, 4, 7.0), (0, 2, -3.0), (0, 4, 0.7))
    assert found.ranked.items_UK.tolist() == [[1, 4, 3], [4, 0, -1]]
    assert found.ranked.scores_UK[1].tolist() == [7.0, np.float32(0.1), -np.inf]


def test_equal_scores_are_ordered_by_the_lower_id():
    found = listed((0, 4, 1.0), (0, 1, 1.0), (0, 2, 1.0), (0, 3, 2.0))
    assert found.ranked.items_UK[0].tolist() == [3, 1, 2]


def test_scores_that_differ_only_in_double_precision_are_not_equal():
    found = listed((0, 1, 1.0), (0, 2, 1.0 + 1e-12))
    assert found.ranked.items_UK[0].tolist() == [2, 1, -1]


def test_masked_items_are_dropped_and_can_be_no_hit():
    found = listed((0, 1, 9.0), (0, 2, 8.0), (2, 1, 1.0), seen=pairs((0, 1), (1, 2), (2, 0)))
    assert found.ranked.items_UK.tolist() == [[2, -1, -1], [1, -1, -1]]
    assert found.num_masked == 1


def test_pairs_of_users_who_hold_nothing_out_are_left_out_and_counted():
    found = listed((0, 1, 9.0), (1, 1, 8.0), (3, 1, 8.0))
    assert (found.num_other, found.num_masked) == (2, 0)


def test_users_without_predictions_count_with_zero_and_are_counted():
    checks = evaluator(pairs((0, 5), (2, 5)))
    found = list_scored(checks, scored((0, 5, 1.0), (0, 4, 0.5), (0, 3, 0.1)))
    assert (found.num_without, found.num_short) == (1, 0)
    assert checks.score_lists(found.ranked).per_user["recall@3"].tolist() == [1, 0]


def test_a_user_whose_predictions_are_all_masked_has_none():
    assert listed((0, 1, 1.0), (2, 3, 1.0), seen=pairs((0, 1))).num_without == 1


def test_lists_shorter_than_the_cutoff_are_counted_unless_candidates_ran_out():
    # users 0 and 2 have 2 of 3 entries, but user 2 has seen all other items
    seen = pairs(*((2, item) for item in (0, 1, 2, 3)))
    assert listed((0, 1, 1.0), (0, 2, 2.0), (2, 4, 1.0), (2, 5, 2.0), seen=seen).num_short == 1


def test_users_whose_scores_are_all_equal_are_flagged():
    found = listed((0, 1, 1.0), (0, 2, 1.0), (2, 1, 1.0), (2, 2, 1.5))
    assert found.ranked.tied_U.tolist() == [True, False]
    assert listed((0, 1, 1.0)).ranked.tied_U.tolist() == [False, False]


def test_no_pairs_give_empty_lists():
    assert listed().ranked.items_UK.tolist() == [[-1] * 3] * 2


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_score_that_is_not_finite_is_an_error(value: float):
    with pytest.raises(
        DataError, match=f"1 scores are not finite, the first is {value} of item 2 for user 0"
    ):
        listed((0, 1, 1.0), (0, 2, value))


def test_all_scores_of_a_model_as_pairs_give_the_lists_of_the_model():
    rng = np.random.default_rng(4)
    users_UD = torch.from_numpy(rng.integers(-2, 3, (30, 3))).float()  # whole numbers: ties everywhere
    items_ID = torch.from_numpy(rng.integers(-2, 3, (40, 3))).float()
    held, seen = np.split(rng.choice(1200, 300, replace=False), [100])
    checks = Evaluator(
        PairArrays(held // 40, held % 40),
        [PairArrays(seen // 40, seen % 40)],
        num_users=30,
        num_items=40,
        cutoffs=[5, 20],
    )
    of_model = checks(users_UD, items_ID)
    shuffled = rng.permutation(1200)
    scores = (users_UD.double() @ items_ID.double().T).numpy().ravel()[shuffled]
    found = list_scored(checks, Scored(shuffled // 40, shuffled % 40, scores))
    assert found.ranked.items_UK.tolist() == of_model.ranked.items_UK.tolist()
    assert found.ranked.tied_U.tolist() == of_model.ranked.tied_U.tolist()
    assert checks.score_lists(found.ranked).means == of_model.means
