"""Parquet: columns by name. Ids are strings or whole numbers; times are numbers, text or timestamps."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from lghrec_compute.data.raw import RawData, ReadContext
from lghrec_compute.data.readers.parts.base import FileRows, RowCounts, finish_rows, read_source
from lghrec_compute.data.readers.parts.items_file import read_items_file
from lghrec_compute.data.readers.parts.parquet_file import ParquetFile
from lghrec_compute.data.source_files import SourceFiles
from lghrec_compute.spec.source import ColumnsSpec


def read(files: SourceFiles, context: ReadContext) -> RawData:
    """Read all files by the rules of `parts/base.py`. Raises `DataError` also for missing columns."""

    def interactions(path: Path, context: ReadContext) -> FileRows:
        return _interactions(path, files.columns, context)

    def items(path: Path, context: ReadContext) -> pl.DataFrame:
        return read_items_file(path, files.columns, context)

    return read_source(files, context, interactions, items)


def _interactions(path: Path, columns: ColumnsSpec, context: ReadContext) -> FileRows:
    file = ParquetFile(path)
    named = {
        "user": columns.user,
        "item": columns.item,
        "rating": columns.rating,
        "timestamp": columns.timestamp,
    }
    wanted = {name: column for name, column in named.items() if column}
    frame = file.read(list(wanted.values()), context)
    frame = frame.select(pl.col(column).alias(name) for name, column in wanted.items())
    counts = RowCounts(path, len(frame))
    frame = file.with_ids(frame, ["user", "item"], counts)
    if columns.rating:
        frame = frame.with_columns(pl.col("rating").cast(pl.Float64, strict=False))
        good = pl.col("rating").is_finite().fill_null(value=False)
        frame = file.only(frame, good, counts, fault=f"got {columns.rating} that is not a finite number")
    counts.report(context)
    return finish_rows(frame, counts, context)
