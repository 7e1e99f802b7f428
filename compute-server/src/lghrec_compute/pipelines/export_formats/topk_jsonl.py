"""The best items of each user as JSON lines."""

from __future__ import annotations

import numpy as np
import polars as pl
import pyarrow as pa

from lghrec_compute.artifacts import Draft
from lghrec_compute.evaluation import Ranked
from lghrec_compute.json_types import Json
from lghrec_compute.pipelines.context import RunContext
from lghrec_compute.pipelines.export_lists import external_ids, ranked_users
from lghrec_compute.pipelines.export_source import Exported
from lghrec_compute.spec import ExportSpec

TEXT = """\
topk.jsonl contains the {top_k} best items of each user, without the items of the user's {mask}.
Each line is a user: {{"user": id, "items": [{{"item": id, "score": number}}, ...]}}, with external ids,
best item first; equal scores in the order of the data set's items. A user for whom fewer than {top_k}
items remain has a shorter list, which may be empty.
"""

CODE = """\
import json

for line in open("topk.jsonl", encoding="utf-8"):
    entry = json.loads(line)
    print("best items of user", entry["user"], "are", [each["item"] for each in entry["items"]])
"""


def write(draft: Draft, source: Exported, spec: ExportSpec, context: RunContext) -> Json:
    """Write topk.jsonl, with one line for each user."""
    with draft.path("topk.jsonl").open("wb") as file:
        for first, ranked in ranked_users(source, spec, context):
            file.write(_lines(first, ranked, source).write_ndjson().encode())
    return {"top_k": spec.top_k, "mask": spec.mask}


def _lines(first: int, ranked: Ranked, source: Exported) -> pl.DataFrame:
    found_UK = ranked.items_UK >= 0
    offsets = np.concatenate([[0], np.cumsum(found_UK.sum(1))]).astype(np.int64)
    item_ids = external_ids(source.dataset.item_ids, ranked.items_UK[found_UK])
    items = pa.StructArray.from_arrays([item_ids, pa.array(ranked.scores_UK[found_UK])], ["item", "score"])
    users = external_ids(source.dataset.user_ids, np.arange(first, first + len(found_UK)))
    table = pa.table({"user": users, "items": pa.LargeListArray.from_arrays(offsets, items)})
    lines = pl.from_arrow(table)
    assert isinstance(lines, pl.DataFrame)
    return lines
