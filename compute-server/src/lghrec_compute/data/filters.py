"""Which interactions stay: rating threshold, one of each duplicate, k-core to a fixed point, in this order.

The outcome does not depend on the order of the rows. No loop runs over users or items.
Shapes: U users, I items, E interactions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from lghrec_compute.errors import DataError
from lghrec_compute.types import Bools, Ints


@dataclass(frozen=True)
class Interactions:
    """Distinct pairs, sorted by user, then item; numbers follow the UTF-8 bytes of the external ids."""

    user_E: Ints
    item_E: Ints
    user_ids: pl.Series
    item_ids: pl.Series

    def __len__(self) -> int:
        return len(self.user_E)


@dataclass(frozen=True)
class FilterStep:
    """Interactions left after a step."""

    name: str
    num_interactions: int


@dataclass(frozen=True)
class Filtered:
    """What is left, the duplicates removed, and how many interactions each step left."""

    interactions: Interactions
    num_duplicates: int
    steps: tuple[FilterStep, ...]


def apply_filters(rows: pl.DataFrame, *, min_rating: float | None, k_core: int) -> Filtered:
    """Filters `rows` (columns user, item, and rating if there is one).

    `min_rating` None keeps all ratings, `k_core` 1 all users and items. Raises `DataError` if
    there are no ratings to compare, or when nothing is left, with the count after each step.
    """
    steps = [FilterStep("read", len(rows))]
    if min_rating is not None:
        rows = _rated_at_least(rows, min_rating)
        steps.append(FilterStep(f"rating >= {min_rating:g}", len(rows)))
    interactions = number(rows)
    num_duplicates = len(rows) - len(interactions)
    steps.append(FilterStep("duplicates removed", len(interactions)))
    interactions = take(interactions, k_core_mask(interactions.user_E, interactions.item_E, k_core))
    steps.append(FilterStep(f"{k_core}-core", len(interactions)))
    _check_left(steps)
    return Filtered(interactions, num_duplicates, tuple(steps))


def number(rows: pl.DataFrame) -> Interactions:
    """Gives users and items numbers and keeps one of each pair."""
    user_E, user_ids = _codes(rows["user"])
    item_E, item_ids = _codes(rows["item"])
    num_items = max(len(item_ids), 1)
    pair_E = np.sort(user_E * num_items + item_E)  # by user, then item; np.unique takes 20 times as long
    pair_E = pair_E[np.diff(pair_E, prepend=-1) != 0]
    return Interactions(pair_E // num_items, pair_E % num_items, user_ids, item_ids)


def k_core_mask(user_E: Ints, item_E: Ints, k: int) -> Bools:
    """True for the pairs [E] of the k-core: the largest set in which each user and item has at least `k`."""
    kept_E = np.ones(len(user_E), dtype=np.bool_)
    if k <= 1:
        return kept_E
    num_users, num_items = _size(user_E), _size(item_E)
    index_E = np.arange(len(user_E))
    while True:
        rich_U = np.bincount(user_E[index_E], minlength=num_users) >= k
        rich_I = np.bincount(item_E[index_E], minlength=num_items) >= k
        left_E = index_E[rich_U[user_E[index_E]] & rich_I[item_E[index_E]]]
        if len(left_E) == len(index_E):
            kept_E[:] = False
            kept_E[index_E] = True
            return kept_E
        index_E = left_E


def take(interactions: Interactions, kept_E: Bools) -> Interactions:
    """Keeps some pairs and numbers anew the users and items that are left, in the same order."""
    user_E, user_ids = _compact(interactions.user_E[kept_E], interactions.user_ids)
    item_E, item_ids = _compact(interactions.item_E[kept_E], interactions.item_ids)
    return Interactions(user_E, item_E, user_ids, item_ids)


def _rated_at_least(rows: pl.DataFrame, min_rating: float) -> pl.DataFrame:
    if "rating" not in rows.columns:
        raise DataError(
            f"filter.min_rating is {min_rating:g}, but the source has no ratings",
            hint="leave filter.min_rating out, or name a source with a rating:float column",
        )
    return rows.filter(pl.col("rating") >= min_rating)


def _codes(values: pl.Series) -> tuple[Ints, pl.Series]:
    ids = values.unique().sort()
    codes = values.cast(pl.Enum(ids)).to_physical().to_numpy().astype(np.int64)
    return codes, ids


def _compact(code_E: Ints, ids: pl.Series) -> tuple[Ints, pl.Series]:
    present = np.zeros(len(ids), dtype=np.bool_)
    present[code_E] = True
    renumbered = np.cumsum(present) - 1
    return renumbered[code_E].astype(np.int64), ids.filter(pl.Series(present))


def _size(code_E: Ints) -> int:
    return int(code_E.max()) + 1 if len(code_E) else 0


def _check_left(steps: Sequence[FilterStep]) -> None:
    if steps[-1].num_interactions == 0:
        counts = ", ".join(f"{step.num_interactions:,} after {step.name!r}" for step in steps)
        guilty = next(step.name for step in steps if step.num_interactions == 0)
        raise DataError(
            f"no interactions left after filtering: {counts}; {guilty!r} took the last",
            hint="lower filter.k_core or filter.min_rating, or check the source" if guilty != "read" else
            "the file of interactions holds no rows",
        )  # fmt: skip
