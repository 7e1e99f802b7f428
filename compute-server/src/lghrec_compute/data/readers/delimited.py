"""Delimited text (CSV, TSV and the like): separator and header found out or given, columns by name or number.

Commas and semicolons are read with quotes (RFC 4180). How a separator is found out: `sniff`. There is a
header if the first line has the names of the user's and the item's column; columns given by number, from 0,
need none, and then the first line is a header if a cell that should be a number is not.
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
    """Reads all files by the rules of `base`; raises `DataError` also for columns that are not there."""

    def interactions(path: Path, context: ReadContext) -> FileRows:
        return _interactions(path, files.columns, context)

    def items(path: Path, context: ReadContext) -> pl.DataFrame:
        return read_items_file(path, files.columns, context)

    return read_source(files, context, interactions, items)


def _interactions(path: Path, columns: ColumnsSpec, context: ReadContext) -> FileRows:
    layout, _ = sniff(path, columns.separator, context)
    if not layout.names:
        raise DataError(f"{path.name} is empty", hint="expected a row for each interaction")
    meaning = InteractionColumns(columns.user, columns.item, columns.rating, columns.timestamp)
    return read_interactions(path, _with_header(layout, meaning, columns.header, path), meaning, context)


def _with_header(
    layout: TableLayout, meaning: InteractionColumns, header: bool | None, path: Path
) -> TableLayout:
    asked = [name for name in (meaning.user, meaning.item, meaning.rating, meaning.timestamp) if name]
    named_so = header is True and set(asked) <= set(layout.names)
    by_number = all(name.isdecimal() for name in asked) and not named_so
    if not by_number:
        missing = [name for name in asked if name not in layout.names]
        if missing or header is False:
            raise DataError(
                f"{path.name}: no column {', '.join(missing or asked)} in the header, "
                f"got {', '.join(layout.names)[:200]}",
                hint="set source.columns to the file's names, or to column numbers from 0 without a header",
            )
        return _without_doubles(layout, path)
    if max(map(int, asked)) >= len(layout.names):
        raise DataError(
            f"{path.name}: no column {max(map(int, asked))}, got {len(layout.names)} columns, from 0"
        )
    if header is None:
        numbers = [layout.names[int(name)] for name in (meaning.rating, meaning.timestamp) if name]
        header = any(finite(cell) is None and not cell[:4].isdecimal() for cell in numbers)
    return replace(numbered(layout), header=layout.header if header else 0)


def _without_doubles(layout: TableLayout, path: Path) -> TableLayout:
    if len(set(layout.names)) < len(layout.names):
        raise DataError(f"{path.name}: a column name is there twice, got {', '.join(layout.names)[:200]}")
    return layout
