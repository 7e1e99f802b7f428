"""Finds out the separator and the header of delimited text.

The separator is the one of "::", tab, "|", semicolon and comma that cuts each of the first 20 lines into
the same number of cells, two at least; a bad row among them may differ.
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
    """TableLayout of a file with its first line as a header, and the cells of the second line.

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
    """The layout with columns "0", "1", ... and no header."""
    return replace(layout, names=tuple(map(str, range(len(layout.names)))), header=0)


def _separator(sample: Sequence[str], path: Path) -> str:
    shares = {separator: _agreement(_rows(sample, separator)) for separator in SEPARATORS}
    best = max(SEPARATORS, key=lambda separator: shares[separator])
    if shares[best] > 0.5:  # below 1 where there is a bad row among the first
        return best
    raise DataError(
        f"{path.name}: no separator found in the first lines, tried tab, comma, semicolon, '::' and '|'",
        hint="set source.columns.separator, or source.format if it is no delimited text",
    )


def _agreement(rows: Sequence[Sequence[str]]) -> float:
    """Share of rows that have as many cells as the first one, 0 if that is one."""
    width = len(rows[0]) if rows else 1
    return sum(len(row) == width for row in rows) / len(rows) if width > 1 else 0.0


def _rows(sample: Sequence[str], separator: str) -> list[list[str]]:
    if separator not in _QUOTED:
        return [line.split(separator) for line in sample]
    try:
        rows = list(csv.reader([line + "\n" for line in sample], delimiter=separator))
    except csv.Error:
        return [line.split(separator) for line in sample]
    # the last one may go on after the sample
    return rows[:-1] if len(sample) == _SAMPLE and len(rows) > 1 else rows
