"""Adjacency lists, as LightGCN and related projects use them: each line is a user, then the user's items.

train.txt and test.txt (and valid.txt or val.txt) are a given split; interactions.txt contains all
interactions. A user without items gives no row. The optional item_list.txt has a header with remap_id, the
item's number in the lists, next to the original id. Further columns are texts; a text that is a URI is
replaced by its last part, as in http://dbpedia.org/resource/Snow_Crash. Source:
https://github.com/kuandeng/LightGCN, Data/*/{train,test,item_list}.txt
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote

import polars as pl

from lghrec_compute.data.raw import RawData, ReadContext
from lghrec_compute.data.readers.parts.base import FileRows, RowCounts, finish_rows, item_frame, read_source
from lghrec_compute.data.readers.parts.streams import text_lines
from lghrec_compute.data.source_files import SourceFiles
from lghrec_compute.errors import DataError

_KEY, _ORIGINAL = "remap_id", "org_id"


def read(files: SourceFiles, context: ReadContext) -> RawData:
    """Read all files by the rules of `parts/base.py`. A row is one interaction."""
    return read_source(files, context, _interactions, _items)


def _interactions(path: Path, context: ReadContext) -> FileRows:
    users: list[str] = []
    counts: list[int] = []
    items: list[str] = []
    for _, line in text_lines(path, context):
        user, *own = line.split()
        users.append(user)
        counts.append(len(own))
        items += own
    repeated = pl.select(
        pl.lit(pl.Series(users, dtype=pl.String)).repeat_by(pl.Series(counts, dtype=pl.UInt32))
    )
    user_column = repeated.to_series().explode().drop_nulls() if users else pl.Series([], dtype=pl.String)
    frame = pl.DataFrame({"user": user_column, "item": pl.Series(items, dtype=pl.String)})
    return finish_rows(frame, RowCounts(path, len(frame)), context)


def _items(path: Path, context: ReadContext) -> pl.DataFrame:
    rows = [line.split() for _, line in text_lines(path, context)]
    names = rows[0] if rows else []
    if _KEY not in names:
        raise DataError(
            f"{path.name} line 1: got columns {' '.join(names)[:200]}, expected {_KEY} among them"
        )
    key = names.index(_KEY)
    counts = RowCounts(path)
    good: list[list[str]] = []
    for number, row in enumerate(rows[1:], 2):
        counts.num_rows += 1
        if len(row) < len(names) - 1:  # the text may be absent
            counts.skip(f"line {number}", f"got {len(row)} columns, expected {len(names)}")
        else:
            good.append([*row[: len(names) - 1], " ".join(row[len(names) - 1 :])])
    counts.report(context)
    texts = {
        name: [_last_part(row[index]) for row in good]
        for index, name in enumerate(names)
        if name not in (_KEY, _ORIGINAL)
    }
    return item_frame([row[key] for row in good], texts)


def _last_part(text: str) -> str:
    if not text.startswith(("http://", "https://")):
        return text
    return unquote(text.rstrip("/").rsplit("/", 1)[-1]).replace("_", " ")
