"""Metrics compared with examples by hand and with plain Python."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lghrec_compute.evaluation.metrics import means, user_metrics
from lghrec_compute.spec.metrics import RANKING_METRICS


def hits_at(*ranks: int, length: int) -> np.ndarray:
    hits_K = np.zeros(length, np.bool_)
    hits_K[[rank - 1 for rank in ranks]] = True
    return hits_K


def metrics_of(ranks: tuple[int, ...], *, held_out: int, cutoff: int) -> dict[str, float]:
    table = user_metrics(hits_at(*ranks, length=cutoff)[None], np.array([held_out]), [cutoff])
    return {name.split("@")[0]: float(values_U[0]) for name, values_U in table.items()}


def test_metrics_of_vector_a_are_those_worked_by_hand():
    found = metrics_of((1, 3), held_out=4, cutoff=3)
    # DCG = 1 + 1/log2(4) = 1.5; ideal of 3 hits = 1 + .6309297536 + .5 = 2.1309297536, of 2 = 1.6309297536
    # precisions at the hits: 1/1 and 2/3, sum 1.6666667
    expected = {
        "recall": 0.5,
        "recall_min": 0.6666667,
        "precision": 0.6666667,
        "hit_rate": 1.0,
        "ndcg": 0.7039180890,
        "ndcg_fullk": 0.7039180890,
        "ndcg_hits": 0.9197207891,
        "map_full": 0.4166667,
        "map_min": 0.5555556,
        "mrr_first": 1.0,
        "mrr_sum": 1.3333333,
    }
    assert set(expected) == set(RANKING_METRICS)
    assert found == pytest.approx(expected, abs=5e-8)


def test_metrics_of_vector_b_have_different_ideals():
    found = metrics_of((2,), held_out=1, cutoff=3)
    # DCG = 1/log2(3) = .6309297536 over an ideal of 1 hit (1) or of 3 hits (2.1309297536)
    assert found["recall"] == 1
    assert found["ndcg"] == pytest.approx(0.6309297536, abs=5e-11)
    assert found["ndcg_fullk"] == pytest.approx(0.2960819110, abs=5e-11)
    assert found["ndcg_hits"] == pytest.approx(0.6309297536, abs=5e-11)
    assert found["mrr_first"] == found["mrr_sum"] == 0.5


def test_metrics_of_vector_c_without_a_hit_are_all_zero():
    assert metrics_of((), held_out=2, cutoff=3) == dict.fromkeys(RANKING_METRICS, 0.0)


def test_metrics_of_vector_d_have_the_usual_map():
    found = metrics_of((1, 2, 4), held_out=3, cutoff=5)
    # (1/1 + 2/2 + 3/4) / 3 = .9166667
    assert found["ndcg"] == pytest.approx(0.9674679835, abs=5e-11)
    assert found["ndcg_fullk"] == pytest.approx(0.6992148199, abs=5e-11)
    assert found["recall"] == 1
    assert found["map_full"] == pytest.approx(0.9166667, abs=5e-8)


def test_metrics_of_vector_e_with_more_held_out_than_the_cutoff():
    found = metrics_of((20,), held_out=25, cutoff=20)
    assert found["recall"] == pytest.approx(0.04)
    assert found["recall_min"] == pytest.approx(0.05)
    assert found["ndcg"] == pytest.approx(0.0323382911, abs=5e-11)


def test_means_of_vectors_a_b_c_are_macro_means():
    hits_UK = np.stack([hits_at(1, 3, length=3), hits_at(2, length=3), hits_at(length=3)])
    sizes_U = np.array([4, 1, 2])
    found = means(user_metrics(hits_UK, sizes_U, [3]))
    assert found["recall@3"] == pytest.approx(0.5)
    assert found["ndcg@3"] == pytest.approx(0.4449492809, abs=5e-11)
    assert found["ndcg_fullk@3"] == pytest.approx(0.3333333333, abs=5e-11)
    assert found["mrr_first@3"] == pytest.approx(0.5)
    assert found["mrr_sum@3"] == pytest.approx(0.6111111, abs=5e-8)
    # other definitions of recall and precision use the same values: micro recall 3/7, that of implicit 3/6
    assert hits_UK.sum() / sizes_U.sum() == pytest.approx(0.4285714, abs=5e-8)
    assert hits_UK.sum() / np.minimum(3, sizes_U).sum() == 0.5


def test_cutoffs_are_named_in_the_metrics_and_see_only_their_ranks():
    table = user_metrics(hits_at(1, 3, length=3)[None], np.array([4]), [1, 2, 3])
    assert [float(table[f"recall@{cutoff}"][0]) for cutoff in (1, 2, 3)] == [0.25, 0.25, 0.5]
    assert list(table) == [f"{name}@{cutoff}" for name in RANKING_METRICS for cutoff in (1, 2, 3)]
    assert all(values_U.dtype == np.float64 for values_U in table.values())


@st.composite
def judged_lists(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, list[int]]:
    length = draw(st.integers(1, 12))
    rows = draw(st.lists(st.lists(st.booleans(), min_size=length, max_size=length), min_size=1, max_size=5))
    more = draw(st.lists(st.integers(0, 20), min_size=len(rows), max_size=len(rows)))
    sizes = [max(1, sum(row) + extra) for row, extra in zip(rows, more, strict=True)]
    cutoffs = draw(st.lists(st.integers(1, length), min_size=1, max_size=3, unique=True))
    return np.array(rows), np.array(sizes), sorted(cutoffs)


@given(judged_lists())
@settings(max_examples=200, deadline=None)
def test_metrics_equal_their_twin_in_plain_python(case: tuple[np.ndarray, np.ndarray, list[int]]):
    hits_UK, sizes_U, cutoffs = case
    table = user_metrics(hits_UK, sizes_U, cutoffs)
    for user, (hits, size) in enumerate(zip(hits_UK.tolist(), sizes_U.tolist(), strict=True)):
        for cutoff in cutoffs:
            for name, value in twin(hits[:cutoff], size, cutoff).items():
                assert table[f"{name}@{cutoff}"][user] == pytest.approx(value, abs=1e-12)


def twin(hits: list[bool], size: int, cutoff: int) -> dict[str, float]:
    """Compute every metric of one user from its definition."""
    ranks = [rank for rank, hit in enumerate(hits, start=1) if hit]
    possible = min(cutoff, size)
    dcg = sum(1 / math.log2(rank + 1) for rank in ranks)
    precisions = sum((count / rank) for count, rank in enumerate(ranks, start=1))

    def ideal(count: int) -> float:
        return sum(1 / math.log2(rank + 1) for rank in range(1, count + 1))

    return {
        "recall": len(ranks) / size,
        "recall_min": len(ranks) / possible,
        "precision": len(ranks) / cutoff,
        "hit_rate": float(bool(ranks)),
        "ndcg": dcg / ideal(possible),
        "ndcg_fullk": dcg / ideal(cutoff),
        "ndcg_hits": dcg / ideal(len(ranks)) if ranks else 0.0,
        "map_full": precisions / size,
        "map_min": precisions / possible,
        "mrr_first": 1 / ranks[0] if ranks else 0.0,
        "mrr_sum": sum(1 / rank for rank in ranks),
    }
