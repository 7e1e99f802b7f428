"""Deals each user's interactions to train, valid and test.

Rounding, for a user with n interactions: valid and test get the floor of n times their share, but at least
one where the share is not 0; test is served before valid, and train always keeps at least one. So 8:1:1 gives
3, 1, 1 of 5 and 8, 1, 1 of 10; of 2 it gives 1, 0, 1, and a lone one goes to train.
Which interaction goes where is drawn by PCG64, whose raw stream numpy promises never to change.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
import polars as pl

from lghrec_compute.data.dataset import PARTS, Part
from lghrec_compute.data.filters import Interactions
from lghrec_compute.errors import IntegrityError
from lghrec_compute.types import Ints

_ROUNDING = 1e-9  # 0.29 * 100 is 28.999999999999996, and means 29
_HASH_ROWS = 1_000_000  # lines hashed at a time; bounds memory


def split_per_user(interactions: Interactions, shares: Sequence[float], seed: int) -> tuple[Part, Part, Part]:
    """Train, valid and test; `shares` are three numbers that add up to 1, train's above 0.

    Depends on the set of interactions, their external ids' order, the shares and the seed, on nothing else.
    """
    user_E, item_E = interactions.user_E, interactions.item_E
    num_U = np.bincount(user_E, minlength=len(interactions.user_ids))
    _train, valid, test = shares
    num_valid_U, num_test_U = _counts(num_U, valid, test)

    key_E = np.random.PCG64(seed).random_raw(len(user_E))
    order_E = np.lexsort((key_E, user_E))  # users stay together, shuffled within
    start_U = np.cumsum(num_U) - num_U
    rank_E = np.empty_like(user_E)
    rank_E[order_E] = np.arange(len(user_E)) - start_U[user_E[order_E]]

    is_test_E = rank_E < num_test_U[user_E]
    is_valid_E = ~is_test_E & (rank_E < (num_test_U + num_valid_U)[user_E])
    train, valid_part, test_part = (
        Part(user_E[mask], item_E[mask]) for mask in (~is_test_E & ~is_valid_E, is_valid_E, is_test_E)
    )
    return train, valid_part, test_part


def check_split(interactions: Interactions, parts: Sequence[Part]) -> None:
    """Raises `IntegrityError` unless each interaction is in one part, once, and each user has a train one."""
    num_items = max(len(interactions.item_ids), 1)
    dealt = np.sort(np.concatenate([part.user_E * num_items + part.item_E for part in parts]))
    if not np.array_equal(dealt, interactions.user_E * num_items + interactions.item_E):
        raise IntegrityError("split does not hold every interaction exactly once")
    if not np.bincount(parts[0].user_E, minlength=len(interactions.user_ids)).all():
        raise IntegrityError("split leaves a user without a train interaction")


def split_sha256(interactions: Interactions, parts: Sequence[Part]) -> str:
    """SHA-256 of the lines "<part>\\t<user>\\t<item>\\n" with external ids, 64 hexadecimal digits.

    Parts come as train, valid, test; lines within a part are sorted by user, then item, as UTF-8 bytes.
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


def _counts(num_U: Ints, valid: float, test: float) -> tuple[Ints, Ints]:
    """Interactions of valid and of test for each user [U], by the rule above."""
    num_test_U = np.floor(num_U * test + _ROUNDING).astype(np.int64)
    num_valid_U = np.floor(num_U * valid + _ROUNDING).astype(np.int64)
    if test > 0:
        num_test_U = np.maximum(num_test_U, 1)
    num_test_U = np.minimum(num_test_U, num_U - 1)
    if valid > 0:
        num_valid_U = np.maximum(num_valid_U, 1)
    num_valid_U = np.minimum(num_valid_U, num_U - 1 - num_test_U)
    return num_valid_U, num_test_U
