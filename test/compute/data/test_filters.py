from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lghrec_compute.data.filters import apply_filters, k_core_mask
from lghrec_compute.errors import DataError
from lghrec_compute.spec.preprocess import FilterSpec

PAIRS = st.sets(st.tuples(st.integers(0, 7), st.integers(0, 6)), max_size=45)


def rows(*triples: tuple[str, str, float]) -> pl.DataFrame:
    schema = {"user": pl.String, "item": pl.String, "rating": pl.Float64}
    return pl.DataFrame(list(triples), schema=schema, orient="row")


def brute_force_core(pairs: set[tuple[int, int]], k: int) -> set[tuple[int, int]]:
    """Drop one user or item at a time, in the order of a set."""
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
    # users 0, 1, 2 share items 0, 1, which is a 2-core. User 3 has one pair with item 1, and item 2 has one
    # pair with user 3. With k = 2, item 2 is removed first, then user 3.
    user_E = np.array([0, 0, 1, 1, 2, 2, 3, 3])
    item_E = np.array([0, 1, 0, 1, 0, 1, 1, 2])
    assert k_core_mask(user_E, item_E, 2).tolist() == [True] * 6 + [False] * 2


def test_filters_number_ids_by_their_bytes_and_drop_what_is_left_over() -> None:
    table = rows(("b", "x", 5), ("a", "y", 5), ("a", "x", 5), ("b", "y", 5), ("é", "z", 5))
    left = apply_filters(table, FilterSpec(k_core=2)).interactions
    assert left.user_ids.to_list() == ["a", "b"]
    assert left.item_ids.to_list() == ["x", "y"]
    assert left.user_E.tolist() == [0, 0, 1, 1]
    assert left.item_E.tolist() == [0, 1, 0, 1]


def test_filters_do_not_depend_on_the_order_of_rows() -> None:
    rng = np.random.default_rng(0)
    table = rows(
        *((f"u{rng.integers(20)}", f"i{rng.integers(15)}", float(rng.integers(1, 6))) for _ in range(300))
    )
    first = apply_filters(table, FilterSpec(min_rating=3, k_core=3))
    second = apply_filters(table.sample(fraction=1, shuffle=True, seed=5), FilterSpec(min_rating=3, k_core=3))
    assert first.steps == second.steps
    assert np.array_equal(first.interactions.user_E, second.interactions.user_E)
    assert np.array_equal(first.interactions.item_E, second.interactions.item_E)
    assert first.interactions.user_ids.equals(second.interactions.user_ids)


def test_the_threshold_is_applied_before_duplicates_and_both_are_counted() -> None:
    table = rows(("a", "x", 2), ("a", "x", 5), ("a", "x", 4), ("b", "x", 3.9))
    filtered = apply_filters(table, FilterSpec(min_rating=4, k_core=1))
    assert len(filtered.interactions) == 1
    assert filtered.num_duplicates == 1
    assert [step.num_interactions for step in filtered.steps] == [4, 2, 1, 1]


def test_nothing_left_names_the_filter_and_the_counts() -> None:
    with pytest.raises(
        DataError, match=r"2 after 'read'.*0 after '5-core'; '5-core' removed the last"
    ) as error:
        apply_filters(rows(("a", "x", 5), ("b", "y", 5)), FilterSpec(k_core=5))
    assert "filter" in error.value.hint


def test_an_empty_source_is_reported_as_empty() -> None:
    with pytest.raises(DataError, match="'read' removed the last") as error:
        apply_filters(rows(), FilterSpec(k_core=1))
    assert "no rows" in error.value.hint


def test_a_threshold_without_ratings_is_refused() -> None:
    with pytest.raises(DataError, match="min_rating is 4, but the source has no ratings"):
        apply_filters(rows(("a", "x", 5)).drop("rating"), FilterSpec(min_rating=4, k_core=1))


def timed(*rows: tuple[str, str, float | None, int]) -> pl.DataFrame:
    schema = {"user": pl.String, "item": pl.String, "timestamp": pl.Float64, "part": pl.UInt8}
    return pl.DataFrame(list(rows), schema=schema, orient="row")


def test_of_duplicates_the_first_in_time_and_the_first_part_stay() -> None:
    table = timed(
        ("a", "x", 9, 2), ("a", "x", None, 1), ("a", "x", 4, 2), ("a", "y", None, 2), ("a", "y", None, 2)
    )
    for frame in (table, table.reverse()):
        filtered = apply_filters(frame, FilterSpec(k_core=1))
        left = filtered.interactions
        assert left.time_E is not None
        assert left.part_E is not None
        assert np.array_equal(left.time_E, [4, np.nan], equal_nan=True)
        assert left.part_E.tolist() == [1, 2]
        assert (filtered.num_duplicates, filtered.num_overlaps) == (3, 1)


def test_the_time_window_is_half_open_and_knows_no_unknown_times() -> None:
    table = timed(
        ("a", "v", 9, 0), ("a", "w", 10, 0), ("a", "x", 19.5, 0), ("a", "y", 20, 0), ("a", "z", None, 0)
    )
    filtered = apply_filters(table, FilterSpec(min_time=10, max_time=20, k_core=1))
    assert filtered.interactions.item_ids.to_list() == ["w", "x"]
    assert [step.name for step in filtered.steps][1] == "10 <= time < 20"
    assert len(apply_filters(table, FilterSpec(min_time=10, k_core=1)).interactions) == 3
    with pytest.raises(DataError, match="the source has no times"):
        apply_filters(table.drop("timestamp"), FilterSpec(max_time=20, k_core=1))


def test_minimums_are_counted_once_and_both_on_the_same_rows() -> None:
    # a and b have three items each, c has one; x, y, z have 3, 2, 2 users
    pairs = [("a", "x"), ("a", "y"), ("a", "z"), ("b", "x"), ("b", "y"), ("b", "z"), ("c", "x")]
    table = rows(*((user, item, 1.0) for user, item in pairs))
    filtered = apply_filters(table, FilterSpec(min_user_interactions=2, min_item_interactions=3, k_core=1))
    # c is removed because of its one item, y and z because of their two users; x, which then has two users,
    # is not checked again
    left = filtered.interactions
    assert (left.user_ids.to_list(), left.item_ids.to_list()) == (["a", "b"], ["x"])
    assert [(step.name, step.num_interactions) for step in filtered.steps][-2:] == [
        ("user >= 2, item >= 3", 2),
        ("1-core", 2),
    ]


@settings(deadline=None, max_examples=50)
@given(
    st.lists(
        st.tuples(st.sampled_from("abé"), st.sampled_from("xyz"), st.none() | st.integers(0, 5)), min_size=1
    )
)
def test_duplicates_equal_their_brute_force_twin(triples: list[tuple[str, str, int | None]]) -> None:
    left = apply_filters(timed(*((*triple, 0) for triple in triples)), FilterSpec(k_core=1)).interactions
    expected: dict[tuple[str, str], float] = {}
    for user, item, time in sorted(triples, key=lambda one: (one[:2], 9 if one[2] is None else one[2])):
        expected.setdefault((user, item), math.nan if time is None else time)
    got = [
        (left.user_ids[int(user)], left.item_ids[int(item)])
        for user, item in zip(left.user_E, left.item_E, strict=True)
    ]
    assert got == sorted(expected, key=lambda pair: (pair[0].encode(), pair[1].encode()))
    assert left.time_E is not None
    assert np.array_equal(left.time_E, [expected[pair] for pair in got], equal_nan=True)
