"""Parquet: columns by name; ids are strings or whole numbers, times numbers, text or timestamps."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from lghrec_compute.data.raw import RawData, Watch
from lghrec_compute.data.readers.parts.base import Rows, Tally, finish_rows, read_source
from lghrec_compute.data.readers.parts.items_file import read_items_file
from lghrec_compute.data.readers.parts.parquet_file import ParquetFile
from lghrec_compute.data.source_files import SourceFiles
from lghrec_compute.spec.source import ColumnsSpec


def read(files: SourceFiles, watch: Watch) -> RawData:
    """Reads all files by the rules of `base`; raises `DataError` also for columns that are not there."""

    def interactions(path: Path, watch: Watch) -> Rows:
        return _interactions(path, files.columns, watch)

    def items(path: Path, watch: Watch) -> pl.DataFrame:
        return read_items_file(path, files.columns, watch)

    return read_source(files, watch, interactions, items)


def _interactions(path: Path, columns: ColumnsSpec, watch: Watch) -> Rows:
    file = ParquetFile(path)
    named = {
        "user": columns.user,
        "item": columns.item,
        "rating": columns.rating,
        "timestamp": columns.timestamp,
    }
    asked = {name: column for name, column in named.items() if column}
    frame = file.read(list(asked.values()), watch)
    frame = frame.select(pl.col(column).alias(name) for name, column in asked.items())
    tally = Tally(path, len(frame))
    frame = file.with_ids(frame, ["user", "item"], tally)
    if columns.rating:
        frame = frame.with_columns(pl.col("rating").cast(pl.Float64, strict=False))
        good = pl.col("rating").is_finite().fill_null(value=False)
        frame = file.only(frame, good, tally, fault=f"got {columns.rating} that is no finite number")
    tally.tell(watch)
    return finish_rows(frame, tally, watch)
