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

from lghrec_compute.data.raw import Watch
from lghrec_compute.data.readers.streams import lines
from lghrec_compute.data.readers.table import Layout
from lghrec_compute.errors import DataError

SEPARATORS = ("::", "\t", "|", ";", ",")
_QUOTED = (";", ",")
_SAMPLE = 20


def sniff(path: Path, separator: str, watch: Watch) -> tuple[Layout, list[str]]:
    """Layout of a file with its first line as a header, and the cells of the second line.

    Raises `DataError` if no separator fits.
    """
    numbered_lines = list(islice(lines(path, watch), _SAMPLE))
    sample = [line.decode(errors="replace") for _, line in numbered_lines]
    separator = separator or _separator(sample, path)
    cells = [_cells(line, separator) for line in sample[:2]] + [[], []]
    names = tuple(cell.strip() for cell in cells[0])
    header = numbered_lines[0][0] if numbered_lines else 0
    return Layout(names, separator, header, quoted=separator in _QUOTED), cells[1]


def numbered(layout: Layout) -> Layout:
    """The layout with columns "0", "1", ... and no header."""
    return replace(layout, names=tuple(map(str, range(len(layout.names)))), header=0)


def _separator(sample: Sequence[str], path: Path) -> str:
    for separator in SEPARATORS:
        counts = {len(_cells(line, separator)) for line in sample}
        if len(counts) == 1 and counts.pop() >= 2:
            return separator
    most = max(SEPARATORS, key=lambda one: _agreement(sample, one))
    if _agreement(sample, most) > len(sample) / 2:  # a bad row among the first lines
        return most
    raise DataError(
        f"{path.name}: no separator found in the first lines, tried tab, comma, semicolon, '::' and '|'",
        hint="set source.columns.separator, or source.format if it is no delimited text",
    )


def _agreement(sample: Sequence[str], separator: str) -> int:
    """Lines that have as many cells as the first one, 0 if that is one."""
    width = len(_cells(sample[0], separator)) if sample else 1
    return sum(len(_cells(line, separator)) == width for line in sample) if width > 1 else 0


def _cells(line: str, separator: str) -> list[str]:
    if separator not in _QUOTED or '"' not in line:
        return line.split(separator)
    return next(csv.reader([line], delimiter=separator), [])
