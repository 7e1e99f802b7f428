"""Detects the separator and the header of delimited text.

The separator is the one of "::", tab, "|", semicolon and comma that divides most of the first 20 lines into
the same number of cells, at least two. More than half of the lines must agree, so a few bad rows have no
effect.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

from lghrec_compute.data.raw import ReadContext
from lghrec_compute.data.readers.parts.streams import lines
from lghrec_compute.data.readers.parts.table import TableLayout
from lghrec_compute.errors import DataError

SEPARATORS = ("::", "\t", "|", ";", ",")
_QUOTED = (";", ",")
_SAMPLE = 20


def sniff(path: Path, separator: str | None, context: ReadContext) -> tuple[TableLayout, list[str]]:
    """Return the layout of a file with its first line as header, and the cells of the second line.

    Raises `DataError` if no separator fits.
    """
    numbered_lines = list(islice(lines(path, context), _SAMPLE))
    sample = [line.decode(errors="replace") for _, line in numbered_lines]
    separator = separator or _separator(sample, path)
    rows = [*_rows(sample, separator), [], []]
    header = numbered_lines[0][0] if numbered_lines else 0
    names = tuple(cell.strip() for cell in rows[0])
    return TableLayout(names, separator, header, quoted=separator in _QUOTED), rows[1]


def numbered(layout: TableLayout) -> TableLayout:
    """Return the layout with columns "0", "1", ... and no header."""
    return replace(layout, names=tuple(map(str, range(len(layout.names)))), header=0)


def _separator(sample: Sequence[str], path: Path) -> str:
    shares = {separator: _agreement(_rows(sample, separator)) for separator in SEPARATORS}
    best = max(SEPARATORS, key=lambda separator: shares[separator])
    if shares[best] > 0.5:  # below 1 if the first lines contain a bad row
        return best
    raise DataError(
        f"{path.name}: no separator found in the first lines, tried tab, comma, semicolon, '::' and '|'",
        hint="set source.columns.separator, or source.format if the file is not delimited text",
    )


def _agreement(rows: Sequence[Sequence[str]]) -> float:
    """Return the share of rows with as many cells as the first row, or 0 if that has only one cell."""
    width = len(rows[0]) if rows else 1
    return sum(len(row) == width for row in rows) / len(rows) if width > 1 else 0.0


def _rows(sample: Sequence[str], separator: str) -> list[list[str]]:
    if separator not in _QUOTED:
        return [line.split(separator) for line in sample]
    try:
        rows = list(csv.reader([line + "\n" for line in sample], delimiter=separator))
    except csv.Error:
        return [line.split(separator) for line in sample]
    # the last row may continue after the sample
    return rows[:-1] if len(sample) == _SAMPLE and len(rows) > 1 else rows
