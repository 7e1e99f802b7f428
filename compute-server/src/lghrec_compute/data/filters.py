"""Filters interactions: rating threshold, time window, duplicates, minimum per user and item, k-core, in this
order.

Of duplicate pairs the earliest stays; with a given split, the first part (train, then valid, then test). The
result does not depend on the order of the rows. No loop runs over users or items.

Shapes: U users, I items, E interactions.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.sparse import coo_matrix

from lghrec_compute.errors import DataError
from lghrec_compute.results import FilterStep
from lghrec_compute.spec.preprocess import FilterSpec
from lghrec_compute.types import Bools, Doubles, Int32s


@dataclass(frozen=True)
class Interactions:
    """Distinct pairs, sorted by user, then item. Numbers follow the UTF-8 bytes of the external ids.

    `time_E` is seconds since 1970, NaN if unknown. `part_E` uint8 is the given split. None means that the
    source has no times, or no given split.
    """

    user_E: Int32s
    item_E: Int32s
    user_ids: pl.Series
    item_ids: pl.Series
    time_E: Doubles | None = None
    part_E: npt.NDArray[np.uint8] | None = None

    def __len__(self) -> int:
        return len(self.user_E)


@dataclass(frozen=True)
class Filtered:
    """The remaining interactions, the number of removed duplicates, and the number of interactions after each
    step.

    `num_overlaps` counts the duplicates that were in two parts of a given split.
    """

    interactions: Interactions
    num_duplicates: int
    num_overlaps: int
    steps: tuple[FilterStep, ...]


def apply_filters(rows: pl.DataFrame, spec: FilterSpec) -> Filtered:
    """Filter `rows`, which have the columns user and item, and optionally rating, timestamp and part.

    Rows without a time are outside every time window. Raises `DataError` if the spec compares ratings or
    times that the source does not have, and if no interaction remains, with the number after each step.
    """
    steps = [FilterStep("read", len(rows))]
    if spec.min_rating is not None:
        rows = _rated_at_least(rows, spec.min_rating)
        steps.append(FilterStep(f"rating >= {spec.min_rating:g}", len(rows)))
    if spec.min_time is not None or spec.max_time is not None:
        rows = _in_window(rows, spec.min_time, spec.max_time)
        steps.append(FilterStep(_window_name(spec), len(rows)))
    interactions, num_overlaps = index_interactions(rows)
    num_duplicates = len(rows) - len(interactions)
    steps.append(FilterStep("duplicates removed", len(interactions)))
    least_user, least_item = spec.min_user_interactions, spec.min_item_interactions
    if least_user > 1 or least_item > 1:
        rich_E = _at_least(interactions.user_E, least_user) & _at_least(interactions.item_E, least_item)
        interactions = take(interactions, rich_E)
        steps.append(FilterStep(f"user >= {least_user}, item >= {least_item}", len(interactions)))
    interactions = take(interactions, k_core_mask(interactions.user_E, interactions.item_E, spec.k_core))
    steps.append(FilterStep(f"{spec.k_core}-core", len(interactions)))
    _check_left(steps)
    return Filtered(interactions, num_duplicates, num_overlaps, tuple(steps))


def index_interactions(rows: pl.DataFrame) -> tuple[Interactions, int]:
    """Number users and items, and keep one row per pair. Returns also the number of pairs that were in two
    parts."""
    with ThreadPoolExecutor(2) as pool:  # Arrow releases the interpreter's lock while it hashes
        (user_E, user_ids), (item_E, item_ids) = pool.map(_codes, (rows["user"], rows["item"]))
    order_E = _order(user_E, item_E, len(user_ids), len(item_ids))
    user_E, item_E = user_E[order_E], item_E[order_E]
    start_E = np.flatnonzero((np.diff(user_E, prepend=-1) != 0) | (np.diff(item_E, prepend=-1) != 0))
    time_E, part_E, num_overlaps = None, None, 0
    if "timestamp" in rows.columns:
        time_E = _first(rows["timestamp"].fill_null(np.nan).to_numpy()[order_E], start_E)
    if "part" in rows.columns:
        part_E = rows["part"].to_numpy()[order_E]
        num_overlaps = _num_mixed(part_E, start_E)
        part_E = np.minimum.reduceat(part_E, start_E) if len(start_E) else part_E
    if len(start_E) < len(user_E):
        user_E, item_E = user_E[start_E], item_E[start_E]
    return Interactions(user_E, item_E, user_ids, item_ids, time_E, part_E), num_overlaps


def k_core_mask(user_E: Int32s, item_E: Int32s, k: int) -> Bools:
    """Return True for the pairs [E] of the k-core, the largest set in which each user and item has at least
    `k`."""
    kept_E = np.ones(len(user_E), dtype=np.bool_)
    if k <= 1 or not len(user_E):
        return kept_E
    index_E = None  # all
    while True:
        left_user_E, left_item_E = (user_E, item_E) if index_E is None else (user_E[index_E], item_E[index_E])
        rich_E = _at_least(left_user_E, k) & _at_least(left_item_E, k)
        if rich_E.all():
            if index_E is not None:
                kept_E[:] = False
                kept_E[index_E] = True
            return kept_E
        index_E = np.flatnonzero(rich_E) if index_E is None else index_E[rich_E]


def take(interactions: Interactions, kept_E: Bools) -> Interactions:
    """Keep some pairs, and renumber the remaining users and items in the same order."""
    if kept_E.all() and len(kept_E):
        return _renumbered(interactions)
    time_E, part_E = interactions.time_E, interactions.part_E
    return _renumbered(
        replace(
            interactions,
            user_E=interactions.user_E[kept_E],
            item_E=interactions.item_E[kept_E],
            time_E=None if time_E is None else time_E[kept_E],
            part_E=None if part_E is None else part_E[kept_E],
        )
    )


def _renumbered(interactions: Interactions) -> Interactions:
    user_E, user_ids = _compact(interactions.user_E, interactions.user_ids)
    item_E, item_ids = _compact(interactions.item_E, interactions.item_ids)
    return replace(interactions, user_E=user_E, item_E=item_E, user_ids=user_ids, item_ids=item_ids)


def _first(time_E: Doubles, start_E: npt.NDArray[np.int64]) -> Doubles:
    """Return the earliest known time of each run of equal pairs."""
    return np.fmin.reduceat(time_E, start_E) if len(start_E) else time_E


def _num_mixed(part_E: npt.NDArray[np.uint8], start_E: npt.NDArray[np.int64]) -> int:
    """Return the number of runs whose parts differ."""
    if not len(start_E):
        return 0
    return int((np.minimum.reduceat(part_E, start_E) != np.maximum.reduceat(part_E, start_E)).sum())


def _rated_at_least(rows: pl.DataFrame, min_rating: float) -> pl.DataFrame:
    if "rating" not in rows.columns:
        raise DataError(
            f"filter.min_rating is {min_rating:g}, but the source has no ratings",
            hint="leave filter.min_rating out, or name the column of ratings in source.columns.rating",
        )
    return rows.filter(pl.col("rating") >= min_rating)


def _in_window(rows: pl.DataFrame, start: float | None, end: float | None) -> pl.DataFrame:
    if "timestamp" not in rows.columns:
        raise DataError(
            "filter.min_time or filter.max_time is set, but the source has no times",
            hint="leave the time window out, or name the column of times in source.columns.timestamp",
        )
    bounds = [pl.col("timestamp").is_not_null()]
    bounds += [pl.col("timestamp") >= start] if start is not None else []
    bounds += [pl.col("timestamp") < end] if end is not None else []
    return rows.filter(*bounds)


def _window_name(spec: FilterSpec) -> str:
    start = "" if spec.min_time is None else f"{spec.min_time:.15g} <= "
    end = "" if spec.max_time is None else f" < {spec.max_time:.15g}"
    return f"{start}time{end}"


def _codes(values: pl.Series) -> tuple[Int32s, pl.Series]:
    """Return numbers by the order of the ids' bytes, and the ids in that order."""
    encoded = values.to_arrow().dictionary_encode()  # half the time of polars' unique and cast to Enum
    ids = pl.DataFrame({"id": pl.Series(encoded.dictionary, dtype=pl.String)}).with_row_index().sort("id")
    rank = np.empty(len(ids), np.int32)
    rank[ids["index"].to_numpy()] = np.arange(len(ids), dtype=np.int32)
    return rank[encoded.indices.to_numpy(zero_copy_only=False)], ids["id"]


def _order(user_E: Int32s, item_E: Int32s, num_users: int, num_items: int) -> npt.NDArray[np.integer]:
    """Return the stable order by user, then item, by two counting sorts, in a fifth of the time of a sort."""
    index_E = np.arange(len(user_E), dtype=np.int32 if len(user_E) < 2**31 else np.int64)
    by_item = coo_matrix((index_E, (item_E, user_E)), shape=(max(num_items, 1), max(num_users, 1)))
    by_item.has_canonical_format = True  # otherwise equal pairs would be summed
    return np.asarray(by_item.tocsr().tocsc().data, index_E.dtype)


def _at_least(code_E: Int32s, least: int) -> Bools:
    """Return True where the code occurs at least `least` times [E]."""
    return (np.bincount(code_E) >= least)[code_E] if len(code_E) else np.zeros(0, np.bool_)


def _compact(code_E: Int32s, ids: pl.Series) -> tuple[Int32s, pl.Series]:
    present = np.zeros(len(ids), dtype=np.bool_)
    present[code_E] = True
    if present.all():
        return code_E, ids
    renumbered = (np.cumsum(present) - 1).astype(np.int32)
    return renumbered[code_E], ids.filter(pl.Series(present))


def _check_left(steps: Sequence[FilterStep]) -> None:
    if steps[-1].num_interactions == 0:
        counts = ", ".join(f"{step.num_interactions:,} after {step.name!r}" for step in steps)
        last = next(step.name for step in steps if step.num_interactions == 0)
        raise DataError(
            f"no interactions left after filtering: {counts}; {last!r} removed the last",
            hint="lower the thresholds of filter, or check the source" if last != "read" else
            "the file of interactions contains no rows",
        )  # fmt: skip
