"""Two JSON documents: interactions.json {user: [item, ...]} and items.json {item: {field: text}}.

A user's items are in temporal order, so their positions 0, 1, 2, ... are used as times. A given split is in
train.json, test.json, and valid.json or val.json; the positions in a part then continue those of the parts
before it.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from lghrec_compute.data.raw import RawData, ReadContext
from lghrec_compute.data.readers.parts.base import FileRows, RowCollector, RowCounts, read_source
from lghrec_compute.data.readers.parts.items_file import read_items_file
from lghrec_compute.data.readers.parts.streams import read_json
from lghrec_compute.data.source_files import SourceFiles
from lghrec_compute.errors import DataError


def read(files: SourceFiles, context: ReadContext) -> RawData:
    """Read all files by the rules of `parts/base.py`. A row is one interaction."""
    length: dict[str, int] = {}

    def interactions(path: Path, context: ReadContext) -> FileRows:
        return _interactions(path, length, context)

    def items(path: Path, context: ReadContext) -> pl.DataFrame:
        return read_items_file(path, files.columns, context)

    return read_source(files, context, interactions, items)


def _interactions(path: Path, length: dict[str, int], context: ReadContext) -> FileRows:
    """Read one part. `length` contains the number of earlier items of each user, and is updated."""
    document = read_json(path, context)
    if not isinstance(document, dict):
        raise DataError(f"{path.name} is not a JSON map, expected {{user: [item, ...]}}")
    rows = RowCollector(RowCounts(path))
    for user, own in document.items():
        if not isinstance(own, list):
            rows.counts.num_rows += 1
            rows.counts.skip(f"user {user!r}", f"got {own!r:.80}, expected a list of items")
            continue
        start = length.get(user, 0)
        for index, item in enumerate(own, start):
            rows.add(f"user {user!r}", user, item, time=index)
        length[user] = start + len(own)
    return rows.rows(context, timed=True)
