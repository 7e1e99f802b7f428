"""Assigns interactions to train, valid and test. Each method is a function of the set of interactions, the
shares and the seed, never of the order of rows.

- `ratio_per_user`: each user's interactions are assigned at random. For a user with n interactions, valid and
  test get the floor of n times their share, but at least one if the share is not 0. Test has priority over
  valid, and train always keeps at least one. So 8:1:1 gives 3, 1, 1 of 5 and 8, 1, 1 of 10; of 2 it gives 1,
  0, 1, and a single interaction is in train.
- `ratio_global`: all interactions are assigned at random. Valid and test get the floor of their share.
- `temporal`: the latest interactions are in test, those before them in valid, with the same counts, at one
  moment for all users. Equal times are ordered by user, then item.
- `leave_one_out`: each user's last interaction is in test, the one before it in valid, if the user has three.
  Of two, one is in train and one in test; a single one is in train. Shares have no effect, but a share of 0
  leaves its part empty.
- `given`: the split of the source.

An unknown time counts as the earliest. A global, temporal or given split may leave users without a train
interaction; such cold users are counted, as cold items are. Random numbers are from PCG64, whose raw stream
numpy promises never to change.

Shapes: U users, I items, E interactions.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from lghrec_compute.data.dataset import PARTS, Part
from lghrec_compute.data.filters import Interactions
from lghrec_compute.errors import DataError, IntegrityError
from lghrec_compute.types import Ints

Codes = npt.NDArray[np.uint8]
Method = Callable[[Interactions, Sequence[float], int], Codes]

_ROUNDING = 1e-9  # 0.29 * 100 is 28.999999999999996, where 29 is meant
_HASH_ROWS = 1_000_000  # lines hashed at a time; bounds memory


def split(
    interactions: Interactions, method: str, shares: Sequence[float], seed: int
) -> tuple[Part, Part, Part]:
    """Return train, valid and test by a method of `METHODS`. `shares` are three numbers that sum to 1, with
    train above 0.

    Raises `DataError` if the method needs times or a given split that the source does not have.
    """
    part_E = METHODS[method](interactions, shares, seed)
    parts = tuple(_part(interactions, part_E == code) for code in range(3))
    return parts[0], parts[1], parts[2]


def split_per_user(interactions: Interactions, shares: Sequence[float], seed: int) -> Codes:
    """Return the codes of the parts [E] by `ratio_per_user`."""
    key_E = np.random.PCG64(seed).random_raw(len(interactions))
    num_valid_U, num_test_U = _counts(_degrees(interactions), shares[1], shares[2])
    return _assign_smallest(interactions, key_E, num_valid_U, num_test_U)


def split_global(interactions: Interactions, shares: Sequence[float], seed: int) -> Codes:
    """Return the codes of the parts [E] by `ratio_global`."""
    order_E = np.argsort(np.random.PCG64(seed).random_raw(len(interactions)), kind="stable")
    return _assign_last(order_E, shares)


def split_temporal(interactions: Interactions, shares: Sequence[float], _seed: int) -> Codes:
    """Return the codes of the parts [E] by `temporal`."""
    return _assign_last(np.argsort(_times(interactions, "temporal"), kind="stable"), shares)


def split_leave_one_out(interactions: Interactions, shares: Sequence[float], _seed: int) -> Codes:
    """Return the codes of the parts [E] by `leave_one_out`."""
    num_U = _degrees(interactions)
    has_test, has_valid = shares[2] > 0, shares[1] > 0
    num_test_U = np.minimum(int(has_test), num_U - 1)
    num_valid_U = np.minimum(int(has_valid), num_U - 1 - num_test_U)
    # of equal times the last item counts as the last: after reversal it is the first in a stable order
    time_E = -_times(interactions, "leave_one_out")[::-1]
    back = Interactions(
        interactions.user_E[::-1], interactions.item_E[::-1], interactions.user_ids, interactions.item_ids
    )
    return _assign_first(back, time_E, num_valid_U, num_test_U)[::-1]


def split_given(interactions: Interactions, _shares: Sequence[float], _seed: int) -> Codes:
    """Return the codes of the parts [E] of the source."""
    if interactions.part_E is None:
        raise DataError(
            "split.method is given, but the source has no given split",
            hint="set source.files.train and source.files.test, or choose another split.method",
        )
    if not (interactions.part_E == 0).any():
        raise DataError("no interaction of the given split's train part is left after filtering")
    return interactions.part_E


METHODS: Mapping[str, Method] = {
    "ratio_per_user": split_per_user,
    "ratio_global": split_global,
    "temporal": split_temporal,
    "leave_one_out": split_leave_one_out,
    "given": split_given,
}
"""Methods by the name that a spec uses."""


def check_split(interactions: Interactions, parts: Sequence[Part], *, cold_users: bool = False) -> None:
    """Check that each interaction is in exactly one part, and that each user has a train interaction.

    `cold_users` allows users without. Raises `IntegrityError` otherwise.
    """
    num_items = max(len(interactions.item_ids), 1)
    pair_E = np.concatenate([part.user_E * num_items + part.item_E for part in parts])
    pair_E.sort(kind="stable")  # merges three sorted runs
    if not np.array_equal(pair_E, interactions.user_E.astype(np.int64) * num_items + interactions.item_E):
        raise IntegrityError("the split does not contain every interaction exactly once")
    if not cold_users and not np.bincount(parts[0].user_E, minlength=len(interactions.user_ids)).all():
        raise IntegrityError("the split leaves a user without a train interaction")


def split_sha256(interactions: Interactions, parts: Sequence[Part]) -> str:
    """Return the SHA-256 of the lines "<part>\\t<user>\\t<item>\\n" with external ids, 64 hexadecimal digits.

    The parts are ordered train, valid, test; the lines of a part are sorted by user, then item, as UTF-8
    bytes.
    """
    digest = hashlib.sha256()
    for name, part in zip(PARTS, parts, strict=True):
        for start in range(0, len(part), _HASH_ROWS):
            rows = slice(start, start + _HASH_ROWS)
            lines = pl.DataFrame(
                {
                    "user": interactions.user_ids[part.user_E[rows]],
                    "item": interactions.item_ids[part.item_E[rows]],
                }
            ).select(pl.format(name + "\t{}\t{}\n", "user", "item").str.join(""))
            digest.update(lines.item().encode())
    return digest.hexdigest()


def _assign_first(
    interactions: Interactions, key_E: npt.NDArray[np.generic], num_valid_U: Ints, num_test_U: Ints
) -> Codes:
    """Assign each user's first interactions in ascending order of the keys to test, and the next ones to
    valid."""
    user_E = interactions.user_E
    num_U = _degrees(interactions)
    order_E = np.lexsort((key_E, user_E))
    start_U = np.cumsum(num_U) - num_U
    sorted_user_E = user_E[order_E]
    rank_E = np.arange(len(user_E)) - start_U[sorted_user_E]
    sorted_E = (rank_E < (num_test_U + num_valid_U)[sorted_user_E]).astype(np.uint8)
    sorted_E[rank_E < num_test_U[sorted_user_E]] = 2
    part_E = np.empty(len(user_E), np.uint8)
    part_E[order_E] = sorted_E
    return part_E


def _assign_smallest(
    interactions: Interactions, key_E: npt.NDArray[np.uint64], num_valid_U: Ints, num_test_U: Ints
) -> Codes:
    """Return the result of `_assign_first` in a fifth of the time, by each user's largest key of test and of
    valid.

    The user's number replaces the lowest bits of a key. If two keys of a user differ only in these bits, and
    one of them is the largest of a part, too many interactions would be assigned; then `_assign_first` is
    used.
    """
    num_U = _degrees(interactions)
    bits = np.uint64(max(len(num_U) - 1, 1).bit_length())
    full_E, key_E = key_E, (interactions.user_E.astype(np.uint64) << (64 - bits)) | (key_E >> bits)
    sorted_E = np.sort(key_E)
    start_U = np.cumsum(num_U) - num_U
    part_E = np.zeros(len(key_E), np.uint8)
    for code, num_first_U in ((1, num_test_U + num_valid_U), (2, num_test_U)):
        some_U = np.flatnonzero(num_first_U)
        bound_U = np.zeros(len(num_U), np.uint64)
        bound_U[some_U] = sorted_E[start_U[some_U] + num_first_U[some_U] - 1]
        first_E = (key_E <= bound_U[interactions.user_E]) & (num_first_U > 0)[interactions.user_E]
        if np.count_nonzero(first_E) != num_first_U.sum():
            return _assign_first(interactions, full_E, num_valid_U, num_test_U)
        part_E[first_E] = code
    return part_E


def _assign_last(order_E: Ints, shares: Sequence[float]) -> Codes:
    """Assign the last of all interactions in this order to test, and those before them to valid."""
    num_valid, num_test = (int(len(order_E) * share + _ROUNDING) for share in shares[1:])
    num_train = max(len(order_E) - num_valid - num_test, 1)
    part_E = np.zeros(len(order_E), np.uint8)
    part_E[order_E[num_train:]] = 1
    part_E[order_E[max(len(order_E) - num_test, num_train) :]] = 2
    return part_E


def _part(interactions: Interactions, mask_E: npt.NDArray[np.bool_]) -> Part:
    user_E, item_E = interactions.user_E[mask_E], interactions.item_E[mask_E]
    time_E = None if interactions.time_E is None else interactions.time_E[mask_E]
    return Part(user_E.astype(np.int64), item_E.astype(np.int64), time_E)


def _degrees(interactions: Interactions) -> Ints:
    return np.bincount(interactions.user_E, minlength=len(interactions.user_ids))


def _times(interactions: Interactions, method: str) -> npt.NDArray[np.float64]:
    """Return the times [E]. Unknown times come before all others."""
    if interactions.time_E is None or np.isnan(interactions.time_E).all():
        raise DataError(
            f"split.method is {method}, but the source has no times",
            hint="name the column of times in source.columns.timestamp, or choose another split.method",
        )
    return np.nan_to_num(interactions.time_E, nan=-1.0)


def _counts(num_U: Ints, valid: float, test: float) -> tuple[Ints, Ints]:
    """Return the number of interactions in valid and in test for each user [U], by the rule above."""
    num_test_U = np.floor(num_U * test + _ROUNDING).astype(np.int64)
    num_valid_U = np.floor(num_U * valid + _ROUNDING).astype(np.int64)
    if test > 0:
        num_test_U = np.maximum(num_test_U, 1)
    num_test_U = np.minimum(num_test_U, num_U - 1)
    if valid > 0:
        num_valid_U = np.maximum(num_valid_U, 1)
    num_valid_U = np.minimum(num_valid_U, num_U - 1 - num_test_U)
    return num_valid_U, num_test_U
