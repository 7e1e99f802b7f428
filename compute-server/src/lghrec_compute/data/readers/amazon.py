"""Amazon reviews and item metadata, one record per line, in the schemas of 2014, 2018 and 2023.

Reviews of 2014 and 2018: reviewerID, asin, overall, unixReviewTime (seconds). Reviews of 2023: user_id,
parent_asin (asin if it is absent), rating, timestamp (milliseconds). The fields of each record decide its
schema. Text fields of the metadata: 2014 title, description, brand, categories (lists in a list); 2018 title,
description (list), feature, category, brand; 2023 parent_asin, title, features, description, categories,
store. Lines that are not JSON are read as the text of a Python value, because the files of 2014 were written
so. Sources: https://jmcauley.ucsd.edu/data/amazon, https://nijianmo.github.io/amazon,
https://amazon-reviews-2023.github.io
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from lghrec_compute.data.raw import RawData, ReadContext
from lghrec_compute.data.readers.parts.base import FileRows, RowCollector, RowCounts, item_frame, read_source
from lghrec_compute.data.readers.parts.json_columns import Record, RecordFields
from lghrec_compute.data.readers.parts.json_rows import RecordLayout, add_interactions, parse_object
from lghrec_compute.data.readers.parts.python_literal import parse_literal
from lghrec_compute.data.readers.parts.streams import text_lines
from lghrec_compute.data.readers.parts.values import id_text, text_of
from lghrec_compute.data.source_files import SourceFiles

_TEXTS = {
    "title": ", ",
    "description": " ",
    "feature": " ",
    "features": " ",
    "category": ", ",
    "categories": ", ",
    "brand": ", ",
    "store": ", ",
}
"""Text fields of all three schemas, and the separator of the entries of a list."""

_OLD = RecordFields("reviewerID", "asin", "overall", "unixReviewTime")
_NEW = RecordFields("user_id", "parent_asin", "rating", "timestamp", item_else="asin", absent="reviewerID")
_RECORD = "a record as JSON or as a Python mapping"


def read(files: SourceFiles, context: ReadContext) -> RawData:
    """Read both files by the rules of `parts/base.py`. Of the metadata, only items with reviews are kept."""
    reviewed: set[str] = set()

    def interactions(path: Path, context: ReadContext) -> FileRows:
        rows = _reviews(path, context)
        reviewed.update(rows.frame["item"].unique().to_list())
        return rows

    def items(path: Path, context: ReadContext) -> pl.DataFrame:
        return _metadata(path, reviewed, context)

    return read_source(files, context, interactions, items)


def _reviews(path: Path, context: ReadContext) -> FileRows:
    rows = RowCollector(RowCounts(path), rated=True)
    add_interactions(path, context, rows, RecordLayout(_fields, _record, _RECORD))
    return rows.rows(context, timed=True)


def _fields(record: Record) -> RecordFields:
    return _NEW if record.get("reviewerID") is None else _OLD


def _metadata(path: Path, reviewed: set[str], context: ReadContext) -> pl.DataFrame:
    counts = RowCounts(path)
    ids: list[str] = []
    kept: list[dict[str, str]] = []
    for where, record in _records(path, context, counts):
        counts.num_rows += 1
        if (item := id_text(_item_of(record))) is None:
            counts.skip(where, f"got {_item_of(record)!r:.80}, expected an item's asin")
        elif item.strip() in reviewed:
            ids.append(item)
            kept.append(
                {name: text_of(record[name], joint) for name, joint in _TEXTS.items() if name in record}
            )
    counts.report(context)
    fields = [name for name in _TEXTS if any(name in texts for texts in kept)]
    return item_frame(ids, {name: [texts.get(name, "") for texts in kept] for name in fields})


def _item_of(record: Record) -> object:
    return record.get("parent_asin") or record.get("asin")


def _records(path: Path, context: ReadContext, counts: RowCounts) -> Iterator[tuple[str, Record]]:
    for number, line in text_lines(path, context):
        record = _record(line)
        if record is not None:
            yield f"line {number}", record
        else:
            counts.num_rows += 1
            counts.skip(f"line {number}", f"got {line!r:.80}, expected {_RECORD}")


def _record(line: str) -> Record | None:
    if (record := parse_object(line)) is not None:
        return record
    try:
        value = parse_literal(line)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None
