"""The result of a reader in any format, and the callbacks that a reader uses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from lghrec_compute.events import Emit


@dataclass(frozen=True)
class RawData:
    """Rows as they were read, in any order. Ids are non-empty strings without surrounding white space.

    `interactions` has the columns user and item, and if the source has them: rating (float64, finite),
    timestamp (float64, seconds since 1970 in UTC, at least 0, null if unknown) and part (uint8, the given
    split: 0 train, 1 valid, 2 test). `items` has the column item, unique, and for each of `text_fields` a
    string column text_<field>, "" without text. `num_rows_read` counts all rows of the files, also the
    skipped ones.
    """

    interactions: pl.DataFrame
    items: pl.DataFrame
    text_fields: tuple[str, ...]
    num_rows_read: int


def _never(_done: int, _total: int) -> None:
    return


@dataclass(frozen=True)
class ReadContext:
    """Callbacks and limits of a reader.

    `emit` receives its warnings. `tick(done, total)` is called every few megabytes with the number of bytes
    or rows read, and may raise to stop. At most the share `max_bad_share` of a file's rows may be skipped.
    """

    emit: Emit
    tick: Callable[[int, int], None] = _never
    max_bad_share: float = 0.05
