from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lghrec_compute.data.dataset import Part
from lghrec_compute.data.filters import Interactions, index_interactions
from lghrec_compute.data.split import METHODS, check_split, split, split_sha256
from lghrec_compute.errors import DataError, IntegrityError

PAIRS = st.sets(st.tuples(st.integers(0, 6), st.integers(0, 40)), min_size=1, max_size=120)
SHARES = st.sampled_from(
    [(0.8, 0.1, 0.1), (0.6, 0.2, 0.2), (0.9, 0.0, 0.1), (0.7, 0.3, 0.0), (1.0, 0.0, 0.0)]
)


def interactions(pairs: Sequence[tuple[int, int]] | set[tuple[int, int]]) -> Interactions:
    table = [(f"u{user}", f"i{item}") for user, item in pairs]
    return index_interactions(
        pl.DataFrame(table, schema={"user": pl.String, "item": pl.String}, orient="row")
    )[0]


def split_per_user(
    rows: Interactions, shares: tuple[float, float, float], seed: int
) -> tuple[Part, Part, Part]:
    return split(rows, "ratio_per_user", shares, seed)


def pairs_of(part: Part) -> list[tuple[int, int]]:
    return list(zip(part.user_E.tolist(), part.item_E.tolist(), strict=True))


def expected_counts(num: int, shares: tuple[float, float, float]) -> tuple[int, int, int]:
    """The documented rule for one user, written out."""
    _, valid_share, test_share = shares
    test = math.floor(num * test_share + 1e-9)
    if test_share > 0 and test == 0:
        test = 1
    test = min(test, num - 1)
    valid = math.floor(num * valid_share + 1e-9)
    if valid_share > 0 and valid == 0:
        valid = 1
    valid = min(valid, num - 1 - test)
    return num - valid - test, valid, test


@settings(deadline=None, max_examples=150)
@given(PAIRS, SHARES, st.integers(0, 2**32 - 1))
def test_a_split_contains_every_interaction_once_and_keeps_its_shares(
    pairs: set[tuple[int, int]], shares: tuple[float, float, float], seed: int
) -> None:
    all_of_them = interactions(pairs)
    parts = split_per_user(all_of_them, shares, seed)
    dealt = [pair for part in parts for pair in pairs_of(part)]
    assert len(dealt) == len(set(dealt)) == len(pairs)
    assert all(pairs_of(part) == sorted(pairs_of(part)) for part in parts)
    per_user = [Counter(part.user_E.tolist()) for part in parts]
    for user, num in Counter(all_of_them.user_E.tolist()).items():
        assert tuple(counts[user] for counts in per_user) == expected_counts(num, shares)
    check_split(all_of_them, parts)


def test_split_rounds_as_documented() -> None:
    # 8:1:1 of 1, 2, 3, 5, 10, 19, 20 and 29 interactions: (train, valid, test)
    known = {
        1: (1, 0, 0),
        2: (1, 0, 1),
        3: (1, 1, 1),
        5: (3, 1, 1),
        10: (8, 1, 1),
        19: (17, 1, 1),
        20: (16, 2, 2),
        29: (25, 2, 2),
    }
    for num, counts in known.items():
        parts = split_per_user(interactions([(0, item) for item in range(num)]), (0.8, 0.1, 0.1), 0)
        assert tuple(len(part) for part in parts) == counts


def test_split_is_not_fooled_by_binary_fractions() -> None:
    # 0.29 * 100 is 28.999999999999996
    parts = split_per_user(interactions([(0, item) for item in range(100)]), (0.42, 0.29, 0.29), 0)
    assert tuple(len(part) for part in parts) == (42, 29, 29)


def test_same_seed_gives_the_same_bits_and_another_one_does_not() -> None:
    all_of_them = interactions([(user, item) for user in range(10) for item in range(20)])
    hashes = [
        split_sha256(all_of_them, split_per_user(all_of_them, (0.8, 0.1, 0.1), seed)) for seed in (3, 3, 4)
    ]
    assert hashes[0] == hashes[1] != hashes[2]


def test_split_is_frozen() -> None:
    # the numbers of numpy's PCG64; a library that changes them would silently change every split
    all_of_them = interactions([(user, item) for user in range(4) for item in range(10)])
    _, valid, test = split_per_user(all_of_them, (0.8, 0.1, 0.1), 7)
    assert (valid.item_E.tolist(), test.item_E.tolist()) == ([3, 1, 3, 2], [6, 2, 4, 7])


def test_order_of_rows_does_not_matter() -> None:
    pairs = [(user, item) for user in range(12) for item in range(user, 25)]
    shuffled = [pairs[index] for index in np.random.default_rng(1).permutation(len(pairs))]
    first, second = interactions(pairs), interactions(shuffled)
    assert split_sha256(first, split_per_user(first, (0.8, 0.1, 0.1), 0)) == split_sha256(
        second, split_per_user(second, (0.8, 0.1, 0.1), 0)
    )


def test_split_deals_evenly() -> None:
    # 400 users with the same 10 items: each item is in test 40 times on average, sd sqrt(400 * 0.1 * 0.9) = 6
    all_of_them = interactions([(user, item) for user in range(400) for item in range(10)])
    _, _, test = split_per_user(all_of_them, (0.8, 0.1, 0.1), 11)
    counts_I = np.bincount(test.item_E, minlength=10)
    assert counts_I.sum() == 400
    assert counts_I.min() > 40 - 5 * 6
    assert counts_I.max() < 40 + 5 * 6


def test_split_hash_is_that_of_its_lines() -> None:
    all_of_them = interactions([(0, 0), (0, 1), (0, 2)])
    parts = split_per_user(all_of_them, (0.8, 0.1, 0.1), 0)
    lines = "".join(
        f"{name}\tu{user}\ti{item}\n"
        for name, part in zip(("train", "valid", "test"), parts, strict=True)
        for user, item in pairs_of(part)
    )
    assert split_sha256(all_of_them, parts) == hashlib.sha256(lines.encode()).hexdigest()


def test_a_leak_is_found() -> None:
    all_of_them = interactions([(0, item) for item in range(10)])
    train, valid, test = split_per_user(all_of_them, (0.8, 0.1, 0.1), 0)
    with pytest.raises(IntegrityError, match="exactly once"):
        check_split(all_of_them, (train, test, test))
    with pytest.raises(IntegrityError, match="exactly once"):
        check_split(all_of_them, (train, valid, Part(test.user_E[:0], test.item_E[:0])))


def test_a_user_without_train_is_found() -> None:
    all_of_them = interactions([(0, 0), (1, 0)])
    first, second = (Part(all_of_them.user_E[rows], all_of_them.item_E[rows]) for rows in ([0], [1]))
    with pytest.raises(IntegrityError, match="without a train interaction"):
        check_split(all_of_them, (first, second, Part(second.user_E[:0], second.item_E[:0])))


TIMED = st.dictionaries(
    st.tuples(st.integers(0, 5), st.integers(0, 12)), st.none() | st.integers(0, 9), min_size=2, max_size=60
)


def timed(times: Mapping[tuple[int, int], int | None], *, parts: bool = False) -> Interactions:
    rows = [(f"u{user}", f"i{item:02}", time, item % 3) for (user, item), time in times.items()]
    schema = {"user": pl.String, "item": pl.String, "timestamp": pl.Float64, "part": pl.UInt8}
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    return index_interactions(frame if parts else frame.drop("part"))[0]


def known(times: Mapping[tuple[int, int], int | None]) -> bool:
    return any(time is not None for time in times.values())


@settings(deadline=None, max_examples=100)
@given(TIMED, SHARES, st.sampled_from(sorted(METHODS)), st.integers(0, 2**32 - 1))
def test_every_method_assigns_each_interaction_once_for_any_order(
    times: dict[tuple[int, int], int | None], shares: tuple[float, float, float], method: str, seed: int
) -> None:
    all_of_them = timed(times, parts=True)
    if not known(times) and method in ("temporal", "leave_one_out"):
        with pytest.raises(DataError, match="has no times"):
            split(all_of_them, method, shares, seed)
        return
    if method == "given" and not any(item % 3 == 0 for _, item in times):
        with pytest.raises(DataError, match="train part"):
            split(all_of_them, method, shares, seed)
        return
    parts = split(all_of_them, method, shares, seed)
    check_split(all_of_them, parts, cold_users=method in ("ratio_global", "temporal", "given"))
    assert len(parts[0]) > 0
    turned = timed(dict(reversed(times.items())), parts=True)
    assert split_sha256(turned, split(turned, method, shares, seed)) == split_sha256(all_of_them, parts)
    for part in parts:  # times stay with their pairs
        assert part.time_E is not None
        for pair, time in zip(pairs_of(part), part.time_E, strict=True):
            user, item = all_of_them.user_ids[pair[0]], all_of_them.item_ids[pair[1]]
            expected = times[int(user[1:]), int(item[1:])]
            assert math.isnan(time) if expected is None else time == expected


@settings(deadline=None, max_examples=100)
@given(TIMED)
def test_leave_one_out_selects_each_users_last_two(times: dict[tuple[int, int], int | None]) -> None:
    if not known(times):
        return
    all_of_them = timed(times)
    parts = split(all_of_them, "leave_one_out", (0.8, 0.1, 0.1), 0)
    for user in {user for user, _ in times}:
        own = sorted(
            (-1 if time is None else time, item) for (one, item), time in times.items() if one == user
        )
        order = [f"i{item:02}" for _, item in own]
        expected = {1: ([0], [], []), 2: ([0], [], [1])}.get(len(order))
        train, valid, test = (
            [[order[index] for index in indices] for indices in expected]
            if expected
            else [order[:-2], order[-2:-1], order[-1:]]
        )
        number_of = all_of_them.user_ids.to_list().index(f"u{user}")
        got = [
            sorted(all_of_them.item_ids[item] for one, item in pairs_of(part) if one == number_of)
            for part in parts
        ]
        assert got == [sorted(train), valid, test]


def test_temporal_cuts_at_one_moment_and_breaks_ties_by_user_and_item() -> None:
    # ten interactions, times 0, 1, ..., 5, 6, 6, 6, 6 of (user, item) in order: test gets the last two of
    # the equal times
    times = {(index // 5, index): min(index, 6) for index in range(10)}
    parts = split(timed(times), "temporal", (0.6, 0.2, 0.2), 0)
    assert [pairs_of(part) for part in parts] == [
        [(0, 0), (0, 1), (0, 2), (0, 3), (0, 4), (1, 5)],
        [(1, 6), (1, 7)],
        [(1, 8), (1, 9)],
    ]


def test_an_unknown_time_is_the_earliest() -> None:
    parts = split(timed({(0, 0): 5, (0, 1): None, (0, 2): 0}), "leave_one_out", (0.8, 0.1, 0.1), 0)
    assert [pairs_of(part) for part in parts] == [[(0, 1)], [(0, 2)], [(0, 0)]]


def test_a_global_ratio_has_exact_counts_and_follows_the_seed() -> None:
    all_of_them = interactions([(user, item) for user in range(5) for item in range(21)])
    parts = [split(all_of_them, "ratio_global", (0.8, 0.1, 0.1), seed) for seed in (1, 1, 2)]
    # 105 interactions: floor(10.5) each for valid and test
    assert [len(part) for part in parts[0]] == [85, 10, 10]
    hashes = [split_sha256(all_of_them, each) for each in parts]
    assert hashes[0] == hashes[1] != hashes[2]


def test_a_given_split_is_unchanged() -> None:
    parts = split(timed({(0, item): 1 for item in range(6)}, parts=True), "given", (0.8, 0.1, 0.1), 0)
    assert [pairs_of(part) for part in parts] == [[(0, 0), (0, 3)], [(0, 1), (0, 4)], [(0, 2), (0, 5)]]
    with pytest.raises(DataError, match="the source has no given split"):
        split(timed({(0, 0): 1}), "given", (0.8, 0.1, 0.1), 0)
