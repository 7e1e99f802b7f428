from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lghrec_compute.data.filters import Rules, apply_filters, k_core_mask
from lghrec_compute.errors import DataError

PAIRS = st.sets(st.tuples(st.integers(0, 7), st.integers(0, 6)), max_size=45)


def rows(*triples: tuple[str, str, float]) -> pl.DataFrame:
    schema = {"user": pl.String, "item": pl.String, "rating": pl.Float64}
    return pl.DataFrame(list(triples), schema=schema, orient="row")


def brute_force_core(pairs: set[tuple[int, int]], k: int) -> set[tuple[int, int]]:
    """Drops one user or item at a time, in whatever order a set has."""
    left = set(pairs)
    while True:
        for side in (0, 1):
            ids = [pair[side] for pair in left]
            poor = next((i for i in set(ids) if ids.count(i) < k), None)
            if poor is not None:
                left = {pair for pair in left if pair[side] != poor}
                break
        else:
            return left


@settings(deadline=None, max_examples=200)
@given(PAIRS, st.integers(1, 5))
def test_k_core_equals_its_brute_force_twin(pairs: set[tuple[int, int]], k: int) -> None:
    listed = sorted(pairs)
    user_E = np.array([user for user, _ in listed], dtype=np.int64)
    item_E = np.array([item for _, item in listed], dtype=np.int64)
    kept = {listed[index] for index in np.flatnonzero(k_core_mask(user_E, item_E, k))}
    assert kept == brute_force_core(pairs, k)


def test_k_core_unravels_a_chain_to_its_end() -> None:
    # users 0, 1, 2 share items 0, 1: a 2-core. User 3 hangs on item 1 by one pair, item 2 on user 3: with
    # k = 2 item 2 falls first, then user 3.
    user_E = np.array([0, 0, 1, 1, 2, 2, 3, 3])
    item_E = np.array([0, 1, 0, 1, 0, 1, 1, 2])
    assert k_core_mask(user_E, item_E, 2).tolist() == [True] * 6 + [False] * 2


def test_filters_number_ids_by_their_bytes_and_drop_what_is_left_over() -> None:
    table = rows(("b", "x", 5), ("a", "y", 5), ("a", "x", 5), ("b", "y", 5), ("é", "z", 5))
    left = apply_filters(table, Rules(k_core=2)).interactions
    assert left.user_ids.to_list() == ["a", "b"]
    assert left.item_ids.to_list() == ["x", "y"]
    assert left.user_E.tolist() == [0, 0, 1, 1]
    assert left.item_E.tolist() == [0, 1, 0, 1]


def test_filters_do_not_depend_on_the_order_of_rows() -> None:
    rng = np.random.default_rng(0)
    table = rows(
        *((f"u{rng.integers(20)}", f"i{rng.integers(15)}", float(rng.integers(1, 6))) for _ in range(300))
    )
    first = apply_filters(table, Rules(min_rating=3, k_core=3))
    second = apply_filters(table.sample(fraction=1, shuffle=True, seed=5), Rules(min_rating=3, k_core=3))
    assert first.steps == second.steps
    assert np.array_equal(first.interactions.user_E, second.interactions.user_E)
    assert np.array_equal(first.interactions.item_E, second.interactions.item_E)
    assert first.interactions.user_ids.equals(second.interactions.user_ids)


def test_threshold_comes_before_duplicates_and_both_are_counted() -> None:
    table = rows(("a", "x", 2), ("a", "x", 5), ("a", "x", 4), ("b", "x", 3.9))
    filtered = apply_filters(table, Rules(min_rating=4, k_core=1))
    assert len(filtered.interactions) == 1
    assert filtered.num_duplicates == 1
    assert [step.num_interactions for step in filtered.steps] == [4, 2, 1, 1]


def test_nothing_left_names_the_filter_and_the_counts() -> None:
    with pytest.raises(DataError, match=r"2 after 'read'.*0 after '5-core'; '5-core' took the last") as error:
        apply_filters(rows(("a", "x", 5), ("b", "y", 5)), Rules(k_core=5))
    assert "filter" in error.value.hint


def test_an_empty_source_is_told_as_such() -> None:
    with pytest.raises(DataError, match="'read' took the last") as error:
        apply_filters(rows(), Rules(k_core=1))
    assert "no rows" in error.value.hint


def test_a_threshold_without_ratings_is_refused() -> None:
    with pytest.raises(DataError, match="min_rating is 4, but the source has no ratings"):
        apply_filters(rows(("a", "x", 5)).drop("rating"), Rules(min_rating=4, k_core=1))
