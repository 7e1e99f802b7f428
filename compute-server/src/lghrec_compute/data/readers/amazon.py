"""Amazon reviews and item metadata, one record a line, in the schemas of 2014, 2018 and 2023.

Reviews of 2014 and 2018: reviewerID, asin, overall, unixReviewTime (seconds). Of 2023: user_id, parent_asin
(asin where it is absent), rating, timestamp (milliseconds). The schema is told by each record's own fields.
Metadata, with its text fields: 2014 title, description, brand, categories (lists in a list); 2018 title,
description (list), feature, category, brand; 2023 parent_asin, title, features, description, categories,
store. Lines that are no JSON are read as the text of a Python value, which is how files of 2014 were
written. Sources: https://jmcauley.ucsd.edu/data/amazon, https://nijianmo.github.io/amazon,
https://amazon-reviews-2023.github.io
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from lghrec_compute.data.raw import RawData, Watch
from lghrec_compute.data.readers.base import RowList, Rows, Tally, item_frame, read_source
from lghrec_compute.data.readers.python_literal import parse_literal
from lghrec_compute.data.readers.streams import text_lines
from lghrec_compute.data.readers.values import id_text, text_of
from lghrec_compute.data.request import SourceFiles

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
"""Text fields of all three schemas, and what stands between the entries of a list."""


def read_amazon(files: SourceFiles, watch: Watch) -> RawData:
    """Reads both files by the rules of `base`; of the metadata, only items that were reviewed."""
    reviewed: set[str] = set()

    def interactions(path: Path, watch: Watch) -> Rows:
        rows = _reviews(path, watch)
        reviewed.update(rows.frame["item"].unique().to_list())
        return rows

    def items(path: Path, watch: Watch) -> pl.DataFrame:
        return _metadata(path, reviewed, watch)

    return read_source(files, watch, interactions, items)


def _reviews(path: Path, watch: Watch) -> Rows:
    rows = RowList(Tally(path), rated=True)
    for where, record in _records(path, watch, rows.tally):
        if "reviewerID" in record:
            user, item = record["reviewerID"], record.get("asin")
            rating, time = record.get("overall"), record.get("unixReviewTime")
        else:
            user, item = record.get("user_id"), _item_of(record)
            rating, time = record.get("rating"), record.get("timestamp")
        rows.add(where, user, item, rating=rating, time=time)
    return rows.rows(watch, timed=True)


def _metadata(path: Path, reviewed: set[str], watch: Watch) -> pl.DataFrame:
    tally = Tally(path)
    ids: list[str] = []
    kept: list[dict[str, str]] = []
    for where, record in _records(path, watch, tally):
        tally.num_rows += 1
        if (item := id_text(_item_of(record))) is None:
            tally.skip(where, f"got {_item_of(record)!r:.80}, expected an item's asin")
        elif item.strip() in reviewed:
            ids.append(item)
            kept.append(
                {name: text_of(record[name], joint) for name, joint in _TEXTS.items() if name in record}
            )
    tally.tell(watch)
    fields = [name for name in _TEXTS if any(name in texts for texts in kept)]
    return item_frame(ids, {name: [texts.get(name, "") for texts in kept] for name in fields})


def _item_of(record: Mapping[str, Any]) -> object:
    return record.get("parent_asin") or record.get("asin")


def _records(path: Path, watch: Watch, tally: Tally) -> Iterator[tuple[str, dict[str, Any]]]:
    for number, line in text_lines(path, watch):
        record = _record(line)
        if isinstance(record, dict):
            yield f"line {number}", record
        else:
            tally.num_rows += 1
            tally.skip(
                f"line {number}", f"got {line!r:.80}, expected a record as JSON or as a Python mapping"
            )


def _record(line: str) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        pass
    try:
        return parse_literal(line)
    except ValueError:
        return None
