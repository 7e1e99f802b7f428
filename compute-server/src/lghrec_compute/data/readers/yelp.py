"""Yelp Open Dataset: yelp_academic_dataset_review.json and yelp_academic_dataset_business.json.

Reviews: user_id, business_id, stars, date ("2018-07-07 22:09:11"). Text fields of businesses: name, city,
state, categories, and attributes (those that are not false or none, as "name: value"). Source:
https://www.yelp.com/dataset/documentation/main
"""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl

from lghrec_compute.data.raw import RawData, ReadContext
from lghrec_compute.data.readers.parts.base import FileRows, RowCollector, RowCounts, item_frame, read_source
from lghrec_compute.data.readers.parts.json_columns import RecordFields
from lghrec_compute.data.readers.parts.json_rows import RecordLayout, add_interactions, objects, parse_object
from lghrec_compute.data.readers.parts.python_literal import parse_literal
from lghrec_compute.data.readers.parts.values import id_text, text_of
from lghrec_compute.data.source_files import SourceFiles

_FIELDS = ("name", "city", "state", "categories", "attributes")
_REVIEW = RecordFields("user_id", "business_id", "stars", "date")
_WORD = re.compile(r"(?<=[a-z])(?=[A-Z])")


def read(files: SourceFiles, context: ReadContext) -> RawData:
    """Read both files by the rules of `parts/base.py`. Only businesses with reviews are kept."""
    reviewed: set[str] = set()

    def interactions(path: Path, context: ReadContext) -> FileRows:
        rows = RowCollector(RowCounts(path), rated=True)
        add_interactions(path, context, rows, RecordLayout(lambda _record: _REVIEW, parse_object))
        read = rows.rows(context, timed=True)
        reviewed.update(read.frame["item"].unique().to_list())
        return read

    def items(path: Path, context: ReadContext) -> pl.DataFrame:
        return _businesses(path, reviewed, context)

    return read_source(files, context, interactions, items)


def _businesses(path: Path, reviewed: set[str], context: ReadContext) -> pl.DataFrame:
    counts = RowCounts(path)
    ids: list[str] = []
    texts: dict[str, list[str]] = {name: [] for name in _FIELDS}
    for where, business in objects(path, context, counts):
        counts.num_rows += 1
        if (item := id_text(business.get("business_id"))) is None:
            counts.skip(where, f"got {business.get('business_id')!r:.80}, expected a business_id")
        elif item.strip() in reviewed:
            ids.append(item)
            for name in _FIELDS[:-1]:
                texts[name].append(text_of(business.get(name)))
            texts["attributes"].append(_attributes(business.get("attributes")))
    counts.report(context)
    return item_frame(ids, texts)


def _attributes(value: object) -> str:
    """Return, for example, "Outdoor Seating, Wi Fi: free". In the files, values are the texts of Python
    values."""
    if not isinstance(value, dict):
        return ""
    parts: list[str] = []
    for name, text in value.items():
        title = _WORD.sub(" ", str(name))
        try:
            value_of = parse_literal(text) if isinstance(text, str) else text
        except ValueError:
            value_of = text
        if isinstance(value_of, dict):
            value_of = [key for key, one in value_of.items() if one is True]
        if value_of is True:
            parts.append(title)
        elif (shown := text_of(value_of)) and shown != "none":
            parts.append(f"{title}: {shown}")
    return ", ".join(parts)
