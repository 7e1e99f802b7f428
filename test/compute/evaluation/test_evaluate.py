"""Masks, skipped users, overlaps and means over users, with explicit scores."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from lghrec_compute.errors import DataError, NonFiniteError
from lghrec_compute.evaluation import Evaluation, Evaluator, PairArrays, evaluate_embeddings, rank


def pairs(*users_and_items: tuple[int, int]) -> PairArrays:
    array = np.array(users_and_items, np.int64).reshape(-1, 2)
    return PairArrays(array[:, 0], array[:, 1])


def evaluate_scores(
    scores_UI: list[list[float]], held_out: PairArrays, *seen: PairArrays, cutoffs: tuple[int, ...]
) -> Evaluation:
    """Users are unit vectors, so the dot product picks a row of the items' transpose."""
    items_ID = torch.tensor(scores_UI).T.contiguous()
    return evaluate_embeddings(
        torch.eye(len(scores_UI)), items_ID, held_out=held_out, seen=seen, cutoffs=cutoffs
    )


SIX = [[0.9, 0.8, 0.7, 0.6, 0.5, 0.4]]
TRAIN, VALID, TEST = pairs((0, 0)), pairs((0, 1)), pairs((0, 2), (0, 4))


def test_evaluation_under_the_train_mask_leaves_valid_items_as_candidates():
    found = evaluate_scores(SIX, TEST, TRAIN, cutoffs=(2,))
    # list [1, 2]: hit at rank 2 of two; NDCG = .6309297536 / (1 + .6309297536)
    assert found.ranked.items_UK.tolist() == [[1, 2]]
    assert found.means["recall@2"] == 0.5
    assert found.means["ndcg@2"] == pytest.approx(0.3868528072, abs=5e-11)


def test_evaluation_under_the_train_and_valid_mask_ranks_neither():
    found = evaluate_scores(SIX, TEST, TRAIN, VALID, cutoffs=(2,))
    # list [2, 3]: hit at rank 1 of two; NDCG = 1 / (1 + .6309297536)
    assert found.ranked.items_UK.tolist() == [[2, 3]]
    assert found.means["recall@2"] == 0.5
    assert found.means["ndcg@2"] == pytest.approx(0.6131471928, abs=5e-11)


def test_evaluation_of_tied_scores_goes_by_the_lower_id():
    # ordered by id 0, optimistic 1, expected 1/3: this evaluation gives 0
    found = evaluate_scores([[1, 1, 1, 0]], pairs((0, 2)), cutoffs=(1,))
    assert found.means["recall@1"] == 0
    assert found.num_tied == 0


def test_evaluation_flags_users_whose_scores_are_all_equal():
    found = evaluate_scores([[1, 1, 1], [1, 2, 3]], pairs((0, 2), (1, 2)), cutoffs=(1,))
    assert found.num_tied == 1


def test_evaluation_refuses_items_that_are_both_seen_and_held_out():
    with pytest.raises(DataError, match="1 held-out items are masked as seen, the first is item 2 of user 0"):
        evaluate_scores(SIX, pairs((0, 2), (0, 3)), pairs((0, 2)), cutoffs=(2,))


def test_a_masked_item_is_no_hit_though_the_list_is_longer_than_the_candidates():
    # 4 items, 3 masked: one real item in the list of three
    found = evaluate_scores([[4, 3, 2, 1]], pairs((0, 3)), pairs((0, 0), (0, 1), (0, 2)), cutoffs=(3,))
    assert found.ranked.items_UK.tolist() == [[3, -1, -1]]
    assert found.hits_UK.tolist() == [[True, False, False]]
    assert found.means["precision@3"] == pytest.approx(1 / 3)


def test_means_are_over_users_and_not_over_batches():
    # users with recall 1, 1 and 0: batches of two users would give (1 + 0) / 2 = .5
    scores = [[1.0, 0.0], [1.0, 0.0], [1.0, 0.0]]
    held_out = pairs((0, 0), (1, 0), (2, 1))
    evaluator = Evaluator(held_out, [], num_users=3, num_items=2, cutoffs=[1])
    items_ID = torch.tensor(scores).T.contiguous()
    found = evaluator.score_lists(rank(torch.eye(3), items_ID, cutoff=1, chunk=2))
    assert found.means["recall@1"] == pytest.approx(0.6666667, abs=5e-8)


def test_a_user_without_a_held_out_item_is_left_out_and_counted():
    scores = [[3, 2, 1], [3, 2, 1], [3, 2, 1]]
    found = evaluate_scores(scores, pairs((0, 0), (2, 2)), pairs((1, 0)), cutoffs=(1, 3))
    assert found.users_U.tolist() == [0, 2]
    assert (found.num_users, found.num_skipped) == (2, 1)
    assert found.per_user["recall@1"].tolist() == [1.0, 0.0]
    assert found.per_user["recall@3"].tolist() == [1.0, 1.0]


def test_held_out_items_unseen_in_train_count_unless_dropped():
    # item 2 has no train interaction: recall is 1/2 with it in T, and 1 without it; user 1 has no other item
    items_ID = torch.tensor([[3.0, 3.0], [2.0, 2.0], [1.0, 1.0]])
    held_out = pairs((0, 0), (0, 2), (1, 2))
    keep_I = np.array([True, True, False])
    users_UD = torch.eye(2)
    kept = evaluate_embeddings(users_UD, items_ID, held_out=held_out, seen=[], cutoffs=[1])
    assert kept.per_user["recall@1"].tolist() == [0.5, 0.0]
    dropped = evaluate_embeddings(users_UD, items_ID, held_out=held_out, seen=[], cutoffs=[1], keep_I=keep_I)
    assert dropped.per_user["recall@1"].tolist() == [1.0]
    assert (dropped.num_users, dropped.num_skipped) == (1, 1)


def test_a_part_that_holds_nothing_out_is_an_error():
    with pytest.raises(DataError, match="no user has a held-out item"):
        evaluate_scores(SIX, pairs(), cutoffs=(1,))


@pytest.mark.parametrize("wrong", [(0, 6), (1, 0), (-1, 0), (0, -1)])
def test_an_id_out_of_range_is_an_error(wrong: tuple[int, int]):
    with pytest.raises(DataError, match="id out of range"):
        evaluate_scores(SIX, pairs(wrong), cutoffs=(1,))


def test_scores_that_are_not_finite_are_an_error():
    with pytest.raises(NonFiniteError):
        evaluate_scores([[0.1, float("nan")]], pairs((0, 0)), cutoffs=(1,))


def test_an_evaluator_gives_the_same_bits_each_time():
    generator = torch.Generator().manual_seed(0)
    users_UD = torch.randn(200, 16, generator=generator)
    items_ID = torch.randn(300, 16, generator=generator)
    rng = np.random.default_rng(0)
    held, seen = np.split(rng.choice(200 * 300, 2000, replace=False), 2)
    evaluator = Evaluator(
        PairArrays(held // 300, held % 300),
        [PairArrays(seen // 300, seen % 300)],
        num_users=200,
        num_items=300,
        cutoffs=[20, 10],
    )
    first, second = evaluator(users_UD, items_ID), evaluator(users_UD, items_ID)
    assert first.means == second.means
    assert {name.split("@")[1] for name in first.means} == {"10", "20"}
    # against the definition: recall@10 of each user from sets
    known = {(u, i) for u, i in zip(seen // 300, seen % 300, strict=True)}
    truth = {(u, i) for u, i in zip(held // 300, held % 300, strict=True)}
    scores_UI = (users_UD.double() @ items_ID.double().T).numpy()
    for row, user in enumerate(first.users_U[:50]):
        order = [item for item in np.argsort(-scores_UI[user]) if (user, item) not in known][:10]
        mine = [item for u, item in truth if u == user]
        expected = sum(item in mine for item in order) / len(mine)
        assert first.per_user["recall@10"][row] == pytest.approx(expected)
