"""JSONL: one JSON object per line, with columns by the names of its top-level fields."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from lghrec_compute.data.raw import RawData, ReadContext
from lghrec_compute.data.readers.parts.base import FileRows, RowCollector, RowCounts, read_source
from lghrec_compute.data.readers.parts.items_file import read_items_file
from lghrec_compute.data.readers.parts.json_columns import RecordFields
from lghrec_compute.data.readers.parts.json_rows import RecordLayout, add_interactions, parse_object
from lghrec_compute.data.source_files import SourceFiles
from lghrec_compute.errors import DataError
from lghrec_compute.spec.source import ColumnsSpec


def read(files: SourceFiles, context: ReadContext) -> RawData:
    """Read all files by the rules of `parts/base.py`. Ids are strings or whole numbers.

    Raises `DataError` also for a column that none of the first 100 objects has.
    """
    columns = files.columns

    def interactions(path: Path, context: ReadContext) -> FileRows:
        return _interactions(path, columns, context)

    def items(path: Path, context: ReadContext) -> pl.DataFrame:
        return read_items_file(path, columns, context)

    return read_source(files, context, interactions, items)


def _interactions(path: Path, columns: ColumnsSpec, context: ReadContext) -> FileRows:
    rows = RowCollector(RowCounts(path), rated=bool(columns.rating))
    fields = RecordFields(columns.user, columns.item, columns.rating or "", columns.timestamp or "")
    names = add_interactions(path, context, rows, RecordLayout(lambda _record: fields, parse_object))
    wanted = (columns.user, columns.item, columns.rating, columns.timestamp)
    if names and (missing := [name for name in wanted if name and name not in names]):
        raise DataError(
            f"{path.name}: no field {', '.join(missing)}, got {', '.join(sorted(names))[:200]}",
            hint="set source.columns to the names of the file's fields",
        )
    return rows.rows(context, timed=bool(columns.timestamp))
