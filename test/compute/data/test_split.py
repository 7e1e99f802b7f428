from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Sequence

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lghrec_compute.data.dataset import Part
from lghrec_compute.data.filters import Interactions, number
from lghrec_compute.data.split import check_split, split, split_sha256
from lghrec_compute.errors import IntegrityError

PAIRS = st.sets(st.tuples(st.integers(0, 6), st.integers(0, 40)), min_size=1, max_size=120)
SHARES = st.sampled_from(
    [(0.8, 0.1, 0.1), (0.6, 0.2, 0.2), (0.9, 0.0, 0.1), (0.7, 0.3, 0.0), (1.0, 0.0, 0.0)]
)


def interactions(pairs: Sequence[tuple[int, int]] | set[tuple[int, int]]) -> Interactions:
    table = [(f"u{user}", f"i{item}") for user, item in pairs]
    return number(pl.DataFrame(table, schema={"user": pl.String, "item": pl.String}, orient="row"))[0]


def split_per_user(
    rows: Interactions, shares: tuple[float, float, float], seed: int
) -> tuple[Part, Part, Part]:
    return split(rows, "ratio_per_user", shares, seed)


def pairs_of(part: Part) -> list[tuple[int, int]]:
    return list(zip(part.user_E.tolist(), part.item_E.tolist(), strict=True))


def expected_counts(num: int, shares: tuple[float, float, float]) -> tuple[int, int, int]:
    """The documented rule, for one user, in plain words."""
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
def test_split_holds_every_interaction_once_and_keeps_its_shares(
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
    # what numpy's PCG64 gives today; a library that changed it would silently change every figure
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
    # 400 users with the same 10 items: each item is expected in test 40 times, sd sqrt(400 * .1 * .9) = 6
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
