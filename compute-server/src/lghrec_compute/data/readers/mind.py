"""MIND: behaviors.tsv and news.tsv.

behaviors.tsv: impression id, user, time ("11/11/2019 9:05:58 AM"), history (news ids), impressions (news ids
with -1 for a click and -0 for none). A user's interactions are the news of the history, without a time, and
the clicked news, at the impression's time. A row is one interaction; a repeated history is counted once.
news.tsv: news id, category, subcategory, title, abstract, and three columns that are ignored. The text fields
are category, subcategory, title and abstract. Source:
https://github.com/msnews/msnews.github.io/blob/master/assets/doc/introduction.md
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from lghrec_compute.data.raw import RawData, ReadContext
from lghrec_compute.data.readers.parts.base import FileRows, RowCollector, RowCounts, item_frame, read_source
from lghrec_compute.data.readers.parts.streams import text_lines
from lghrec_compute.data.source_files import SourceFiles

_TIME = "%m/%d/%Y %I:%M:%S %p"
_TEXTS = {"category": 1, "subcategory": 2, "title": 3, "abstract": 4}


def read(files: SourceFiles, context: ReadContext) -> RawData:
    """Read both files by the rules of `parts/base.py`."""
    return read_source(files, context, _behaviors, _news)


def _behaviors(path: Path, context: ReadContext) -> FileRows:
    rows = RowCollector(counts := RowCounts(path))
    known: set[tuple[str, str]] = set()
    for number, line in text_lines(path, context):
        cells = line.split("\t")
        if len(cells) != 5 or not cells[1].strip():
            fault = f"got {len(cells)} columns, expected 5 with a user in the second"
            counts.num_rows += 1
            counts.skip(f"line {number}", fault)
            continue
        user, history = cells[1].strip(), cells[3].split()
        for item in history:
            if (user, item) not in known:  # every impression of a user repeats the same history
                known.add((user, item))
                rows.add(f"line {number}", user, item)
        time = _seconds(cells[2])
        for shown in cells[4].split():
            item, _, label = shown.rpartition("-")
            if label == "1":
                rows.add(f"line {number}", user, item, time=time)
    return rows.rows(context, timed=True)


def _news(path: Path, context: ReadContext) -> pl.DataFrame:
    counts = RowCounts(path)
    ids: list[str] = []
    texts: dict[str, list[str]] = {name: [] for name in _TEXTS}
    for number, line in text_lines(path, context):
        counts.num_rows += 1
        cells = line.split("\t")
        if len(cells) < 5 or not cells[0].strip():
            counts.skip(f"line {number}", f"got {len(cells)} columns, expected 8 with an id in the first")
            continue
        ids.append(cells[0])
        for name, column in _TEXTS.items():
            texts[name].append(cells[column])
    counts.report(context)
    return item_frame(ids, texts)


def _seconds(text: str) -> float | str:
    try:
        return datetime.strptime(text.strip(), _TIME).replace(tzinfo=UTC).timestamp()
    except ValueError:
        return text  # counted as an unreadable time
