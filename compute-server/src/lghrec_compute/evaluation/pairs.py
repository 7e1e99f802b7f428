"""Pairs of users and items, and the same pairs as one list of items per user.

Shapes: E pairs, U users.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from lghrec_compute.errors import DataError
from lghrec_compute.types import Bools, Ints


class Pairs(Protocol):
    """An object with two arrays of equal length, users and items, such as a part of a data set."""

    @property
    def user_E(self) -> Ints: ...

    @property
    def item_E(self) -> Ints: ...


@dataclass(frozen=True)
class PairArrays:
    """`Pairs` that consist of the two arrays only."""

    user_E: Ints
    item_E: Ints


@dataclass(frozen=True)
class Lists:
    """Ragged lists of items. Row r is `items_E[offsets[r]:offsets[r + 1]]`, ascending and without
    duplicates."""

    offsets: Ints
    items_E: Ints

    @property
    def sizes(self) -> Ints:
        """Number of items of each row."""
        return np.diff(self.offsets)

    @property
    def rows_E(self) -> Ints:
        """Row of each entry of `items_E`."""
        return np.repeat(np.arange(len(self.offsets) - 1, dtype=np.int64), self.sizes)


def pair_keys(parts: Sequence[Pairs], num_users: int, num_items: int) -> Ints:
    """Return the distinct keys `user * num_items + item` of all parts, in ascending order.

    Raises `DataError` for an id that is out of range.
    """
    for part in parts:
        _check_ids(part.user_E, num_users, "user")
        _check_ids(part.item_E, num_items, "item")
    keys = [part.user_E.astype(np.int64) * num_items + part.item_E for part in parts]
    return np.unique(np.concatenate([*keys, np.zeros(0, np.int64)]))


def lists_of(keys: Ints, users_U: Ints, num_items: int) -> Lists:
    """Return the lists of the users in `users_U` (ascending), one row each, from sorted pair keys."""
    starts = np.searchsorted(keys, users_U * num_items)
    sizes = np.searchsorted(keys, (users_U + 1) * num_items) - starts
    offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)])
    picked = np.arange(offsets[-1]) - np.repeat(offsets[:-1] - starts, sizes)
    return Lists(offsets, keys[picked] % num_items)


def contains(keys: Ints, wanted: Ints) -> Bools:
    """Return True for each element of `wanted` (any shape) that the sorted `keys` contain."""
    if not len(keys):
        return np.zeros(wanted.shape, np.bool_)
    return keys[np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)] == wanted


def _check_ids(ids: Ints, count: int, what: str) -> None:
    if len(ids) and (ids.min() < 0 or ids.max() >= count):
        wrong = ids[(ids < 0) | (ids >= count)][0]
        raise DataError(f"{what} id out of range: got {wrong}, expected 0 to {count - 1}")
