"""Delimited text such as CSV and TSV: separator and header detected or given, columns by name or number.

Commas and semicolons are read with quotes (RFC 4180). `parts/sniff.py` detects the separator. There is a
header if the first line contains the names of the user and item columns. If the columns are given by number,
from 0, there is a header only if the first line has a cell without a number in a column of numbers.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl

from lghrec_compute.data.raw import RawData, ReadContext
from lghrec_compute.data.readers.parts.base import FileRows, read_source
from lghrec_compute.data.readers.parts.items_file import read_items_file
from lghrec_compute.data.readers.parts.sniff import numbered, sniff
from lghrec_compute.data.readers.parts.table import InteractionColumns, TableLayout, read_interactions
from lghrec_compute.data.readers.parts.values import finite
from lghrec_compute.data.source_files import SourceFiles
from lghrec_compute.errors import DataError
from lghrec_compute.spec.source import ColumnsSpec


def read(files: SourceFiles, context: ReadContext) -> RawData:
    """Read all files by the rules of `parts/base.py`. Raises `DataError` also for missing columns."""

    def interactions(path: Path, context: ReadContext) -> FileRows:
        return _interactions(path, files.columns, context)

    def items(path: Path, context: ReadContext) -> pl.DataFrame:
        return read_items_file(path, files.columns, context)

    return read_source(files, context, interactions, items)


def _interactions(path: Path, columns: ColumnsSpec, context: ReadContext) -> FileRows:
    layout, _ = sniff(path, columns.separator, context)
    if not layout.names:
        raise DataError(f"{path.name} is empty", hint="expected a row for each interaction")
    wanted = InteractionColumns(columns.user, columns.item, columns.rating, columns.timestamp)
    return read_interactions(path, _with_header(layout, wanted, columns.header, path), wanted, context)


def _with_header(
    layout: TableLayout, columns: InteractionColumns, header: bool | None, path: Path
) -> TableLayout:
    names = [name for name in (columns.user, columns.item, columns.rating, columns.timestamp) if name]
    named_so = header is True and set(names) <= set(layout.names)
    by_number = all(name.isdecimal() for name in names) and not named_so
    if not by_number:
        missing = [name for name in names if name not in layout.names]
        if missing or header is False:
            raise DataError(
                f"{path.name}: no column {', '.join(missing or names)} in the header, "
                f"got {', '.join(layout.names)[:200]}",
                hint="set source.columns to names of the file, or without a header to column numbers from 0",
            )
        return _without_duplicates(layout, path)
    if max(map(int, names)) >= len(layout.names):
        raise DataError(
            f"{path.name}: no column {max(map(int, names))}, got {len(layout.names)} columns, from 0"
        )
    if header is None:
        numbers = [layout.names[int(name)] for name in (columns.rating, columns.timestamp) if name]
        header = any(finite(cell) is None and not cell[:4].isdecimal() for cell in numbers)
    return replace(numbered(layout), header=layout.header if header else 0)


def _without_duplicates(layout: TableLayout, path: Path) -> TableLayout:
    if len(set(layout.names)) < len(layout.names):
        raise DataError(f"{path.name}: a column name occurs twice, got {', '.join(layout.names)[:200]}")
    return layout
