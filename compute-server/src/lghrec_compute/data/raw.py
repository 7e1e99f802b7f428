"""What a reader yields, whatever the format."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True)
class RawData:
    """Rows as they were read, in any order; ids are strings, never empty.

    `interactions` has the columns user, item and, if the source has ratings, rating (float64, finite).
    `items` has the column item, unique, and a string column text_<field> for each of `text_fields`, "" where
    there is none. `num_rows_read` counts the rows of the file, those that were skipped too.
    """

    interactions: pl.DataFrame
    items: pl.DataFrame
    text_fields: tuple[str, ...]
    num_rows_read: int
