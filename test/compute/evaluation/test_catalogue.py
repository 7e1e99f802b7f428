"""Metrics of the listed items, compared with numbers by hand and with plain Python."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lghrec_compute.evaluation import Catalogue, Evaluator, PairArrays, Ranked
from lghrec_compute.evaluation.catalogue import (
    LIST_FUNCTIONS,
    WHOLE_FUNCTIONS,
    coverage,
    gini,
    list_metrics,
    whole_metrics,
)
from lghrec_compute.evaluation.metrics import RANKING_FUNCTIONS
from lghrec_compute.spec.metrics import LIST_METRICS, METRICS, RANKING_METRICS, WHOLE_METRICS

# 5 items of 8 users: the head is the one item with the most interactions, item 2
FIVE = Catalogue(np.array([1, 2, 8, 0, 4]), 8)


def test_novelty_is_the_mean_self_information_in_bits():
    # log2(8/8) = 0, log2(8/4) = 1, log2(8/2) = 2, log2(8/1) = 3; item 3 counts as if it had one interaction
    found = list_metrics(np.array([[2, 4, 1], [0, 3, 2]]), [1, 3], FIVE)
    assert found["novelty@1"].tolist() == [0, 3]
    assert found["novelty@3"].tolist() == [1, 2]


def test_average_popularity_is_the_mean_of_train_interactions():
    found = list_metrics(np.array([[2, 4, 1]]), [1, 2, 3], FIVE)
    assert [found[f"average_popularity@{k}"][0] for k in (1, 2, 3)] == [8, 6, pytest.approx(14 / 3)]


def test_tail_share_is_the_share_outside_the_most_popular_fifth():
    assert FIVE.tail_I.tolist() == [True, True, False, True, True]
    found = list_metrics(np.array([[2, 4, 1], [0, 3, 1]]), [3], FIVE)
    assert found["tail_share@3"].tolist() == [pytest.approx(2 / 3), 1]


@pytest.mark.parametrize(("count", "head"), [(1, 1), (4, 1), (5, 1), (6, 2), (10, 2), (11, 3)])
def test_the_head_is_a_fifth_of_all_items_rounded_up(count: int, head: int):
    assert (~Catalogue(np.arange(count), 3).tail_I).sum() == head


def test_of_equally_popular_items_the_higher_ids_are_in_the_head():
    assert Catalogue(np.array([2, 2, 2, 2, 1]), 3).tail_I.tolist() == [True, True, True, False, True]


def test_a_short_list_counts_with_the_items_it_has_and_an_empty_one_with_nothing():
    found = list_metrics(np.array([[4, 1, -1], [-1, -1, -1]]), [3], FIVE)
    assert found["average_popularity@3"].tolist() == [3, 0]
    assert found["novelty@3"].tolist() == [1.5, 0]
    assert found["tail_share@3"].tolist() == [1, 0]
    # items 1 and 4 of 5 are listed; counts 0, 0, 0, 1, 1: ((2*4-6)*1 + (2*5-6)*1) / (5*2) = 0.6
    assert whole_metrics(np.array([[4, 1, -1], [-1, -1, -1]]), [3], 5) == {
        "coverage@3": 0.4,
        "gini@3": pytest.approx(0.6),
    }


def test_gini_runs_from_equal_counts_to_one_item_with_all():
    assert gini(np.array([3, 3, 3, 3])) == 0
    assert gini(np.array([0, 0, 0, 9])) == 0.75  # 1 - 1/4
    assert gini(np.array([0, 0])) == 0
    # by the mean difference: |1-2| + |1-3| + |2-3| = 4, twice, over 2 * 9 * mean 2 = 36: 8/36
    assert gini(np.array([3, 1, 2])) == pytest.approx(8 / 36)


def test_coverage_is_the_share_of_items_in_a_list():
    assert coverage(np.array([0, 2, 1, 0])) == 0.5


@given(st.integers(0, 2**32 - 1), st.integers(1, 9), st.integers(1, 6))
@settings(max_examples=60, deadline=None)
def test_metrics_of_lists_equal_their_twins(seed: int, num_items: int, length: int):
    rng = np.random.default_rng(seed)
    items_UK = rng.integers(-1, num_items, (4, length))
    catalogue = Catalogue(rng.integers(0, 7, num_items), 11)
    cutoffs = sorted({1, length})
    found = list_metrics(items_UK, cutoffs, catalogue) | whole_metrics(items_UK, cutoffs, num_items)
    by_rarity = sorted(range(num_items), key=lambda item: (catalogue.count_I[item], item))
    tail = set(by_rarity[: num_items - math.ceil(num_items / 5)])
    for k in cutoffs:
        lists = [[item for item in row[:k] if item >= 0] for row in items_UK.tolist()]
        for user, items in enumerate(lists):
            size = max(len(items), 1)
            bits = sum(math.log2(11 / max(int(catalogue.count_I[item]), 1)) for item in items)
            assert found[f"novelty@{k}"][user] == pytest.approx(bits / size)
            assert found[f"average_popularity@{k}"][user] == pytest.approx(
                catalogue.count_I[items].sum() / size
            )
            assert found[f"tail_share@{k}"][user] == pytest.approx(sum(i in tail for i in items) / size)
        counts = Counter(item for items in lists for item in items)
        listed = [counts[item] for item in range(num_items)]
        apart = sum(abs(a - b) for a in listed for b in listed)
        assert found[f"coverage@{k}"] == pytest.approx(len(counts) / num_items)
        assert found[f"gini@{k}"] == pytest.approx(apart / (2 * num_items * max(sum(listed), 1)))


def evaluator(*metrics: str, catalogue: Catalogue | None = FIVE) -> Evaluator:
    held_out = PairArrays(np.array([0, 2]), np.array([1, 2]))
    return Evaluator(
        held_out, [], num_users=3, num_items=5, cutoffs=[2, 1], metrics=metrics, catalogue=catalogue
    )


LISTS = Ranked(np.array([[1, 2], [4, 0]]), np.zeros((2, 2), np.float32), np.zeros(2, np.bool_))


def test_an_evaluator_gives_the_metrics_of_its_settings_and_no_others():
    found = evaluator("ndcg", "gini", "novelty").score_lists(LISTS)
    assert list(found.means) == ["ndcg@1", "ndcg@2", "novelty@1", "novelty@2", "gini@1", "gini@2"]
    assert set(found.per_user) == {"ndcg@1", "ndcg@2", "novelty@1", "novelty@2"}


@pytest.mark.parametrize(
    ("functions", "names", "where"),
    [
        (RANKING_FUNCTIONS, RANKING_METRICS, "metrics.py: RANKING_FUNCTIONS"),
        (LIST_FUNCTIONS, LIST_METRICS, "catalogue.py: LIST_FUNCTIONS"),
        (WHOLE_FUNCTIONS, WHOLE_METRICS, "catalogue.py: WHOLE_FUNCTIONS"),
    ],
)
def test_every_metric_has_a_name_and_a_function(functions, names, where):
    unnamed = sorted(functions.keys() - set(names))
    assert not unnamed, f"spec/metrics.py has no name for {', '.join(unnamed)}"
    missing = sorted(set(names) - functions.keys())
    assert not missing, f"evaluation/{where} lacks {', '.join(missing)}"


def test_an_evaluator_gives_all_metrics_at_all_cutoffs_in_one_pass():
    found = evaluator(*METRICS).score_lists(LISTS)
    assert list(found.means) == [f"{name}@{cutoff}" for name in METRICS for cutoff in (1, 2)]
    assert found.means["coverage@2"] == 0.8
    assert found.means["recall@1"] == 0.5


def test_metrics_of_listed_items_require_a_catalogue():
    with pytest.raises(AssertionError, match="require a catalogue"):
        evaluator("tail_share", catalogue=None).score_lists(LISTS)
