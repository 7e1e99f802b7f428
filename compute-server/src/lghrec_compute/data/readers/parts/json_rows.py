"""Reads lines of JSON, one object per line: line by line, or as columns of interactions, one block at a time.

A parser of columns reads each block. If it rejects a block, because a line is a bad row, is not JSON, or has
other types or another form than the first rows, the block is cut into small pieces. Only the pieces with such
a line are read line by line, by the rules of `base`. The resulting rows are the same.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lghrec_compute.data.raw import ReadContext
from lghrec_compute.data.readers.parts.base import RowCollector, RowCounts
from lghrec_compute.data.readers.parts.json_columns import JsonColumns, Record, RecordFields
from lghrec_compute.data.readers.parts.streams import blocks, decoded, lines_of, text_lines

SAMPLE = 100
"""Number of lines at the start of a file from which the types of its fields are inferred."""

_PIECE_BYTES = 1 << 16


@dataclass(frozen=True)
class RecordLayout:
    """How a line becomes a record (None for a line without one), and which fields a record has."""

    fields: Callable[[Record], RecordFields]
    parse: Callable[[str], Record | None]
    expected: str = "a JSON object"


def parse_object(line: str) -> Record | None:
    """Return the object of a line, or None if the line is not an object."""
    try:
        row: Any = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return row if isinstance(row, Mapping) else None


def objects(path: Path, context: ReadContext, counts: RowCounts) -> Iterator[tuple[str, Record]]:
    """Yield the objects of a file with their lines. Other lines are counted as bad rows."""
    for number, line in text_lines(path, context):
        if (row := parse_object(line)) is not None:
            yield f"line {number}", row
        else:
            counts.num_rows += 1
            counts.skip(f"line {number}", f"got {line!r:.80}, expected a JSON object")


def add_interactions(path: Path, context: ReadContext, rows: RowCollector, layout: RecordLayout) -> set[str]:
    """Add every good row of a file, in order. Returns the names of the fields in the first rows."""
    names: set[str] = set()
    columns: JsonColumns | None = None
    for first, block in blocks(path, context):
        end = _end_of_sample(block) if columns is None else 0
        if columns is None:
            sample = _add_lines(path, rows, layout, first, block[:end])
            names = {name for record in sample for name in record}
            fields = layout.fields(sample[-1] if sample else {})
            columns = JsonColumns.of(fields, sample, rated=rows.rated)
        rest = block[end:]
        if not rest or columns.add(rest, rows):
            continue
        for number, piece in _pieces(rest, first + block.count(b"\n", 0, end)):
            if not columns.add(piece, rows):
                _add_lines(path, rows, layout, number, piece)
    return names


def _add_lines(
    path: Path, rows: RowCollector, layout: RecordLayout, first: int, block: bytes
) -> list[Record]:
    """Add rows one by one, and return the records."""
    records: list[Record] = []
    for number, line in lines_of(block, first):
        text = decoded(path, number, line)
        if (record := layout.parse(text)) is None:
            rows.counts.num_rows += 1
            rows.counts.skip(f"line {number}", f"got {text!r:.80}, expected {layout.expected}")
        else:
            layout.fields(record).add(rows, f"line {number}", record)
            records.append(record)
    return records


def _end_of_sample(block: bytes) -> int:
    end = 0
    for _ in range(SAMPLE):
        end = block.find(b"\n", end) + 1
        if end == 0:
            return len(block)
    return end


def _pieces(block: bytes, first: int) -> Iterator[tuple[int, bytes]]:
    """Yield pieces of whole lines, each with the number of its first line."""
    start = 0
    while start < len(block):
        end = block.find(b"\n", start + _PIECE_BYTES) + 1 or len(block)
        yield first, block[start:end]
        first += block.count(b"\n", start, end)
        start = end
