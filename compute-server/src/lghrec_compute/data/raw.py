"""What a reader yields, whatever the format, and what it is given to tell and to stop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from lghrec_compute.events import Emit


@dataclass(frozen=True)
class RawData:
    """Rows as they were read, in any order; ids are strings without blanks around them, never empty.

    `interactions` has the columns user, item and, if the source has them, rating (float64, finite), timestamp
    (float64, seconds since 1970 in UTC, at least 0, null where unknown) and part (uint8, the given split: 0
    train, 1 valid, 2 test). `items` has the column item, unique, and a string column text_<field> for each of
    `text_fields`, "" where there is none. `num_rows_read` counts the rows of the files, skipped ones too.
    """

    interactions: pl.DataFrame
    items: pl.DataFrame
    text_fields: tuple[str, ...]
    num_rows_read: int


def _never(_done: int, _total: int) -> None:
    return


@dataclass(frozen=True)
class ReadContext:
    """Where a reader tells: `emit` takes its warnings; `tick(done, total)` is called every few megabytes with
    the bytes or rows read, and may raise to stop it. `max_bad_share` of a file's rows may be skipped."""

    emit: Emit
    tick: Callable[[int, int], None] = _never
    max_bad_share: float = 0.05
