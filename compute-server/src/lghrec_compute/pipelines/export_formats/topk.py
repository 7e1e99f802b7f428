"""The best items of each user as Parquet."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from lghrec_compute.artifacts import Draft
from lghrec_compute.evaluation import Ranked
from lghrec_compute.json_types import Json
from lghrec_compute.pipelines.context import RunContext
from lghrec_compute.pipelines.export_lists import external_ids, ranked_users
from lghrec_compute.pipelines.export_source import Exported
from lghrec_compute.spec import ExportSpec

TEXT = """\
topk.parquet contains the {top_k} best items of each user, without the items of the user's {mask}.
Columns: user and item (index in the data set, from 0), rank (from 1), score (float32),
user_external_id, item_external_id. Rows are sorted by user and rank; equal scores by item.
A user for whom fewer than {top_k} items remain has fewer rows.
"""

CODE = """\
import pyarrow.parquet as pq

rows = pq.read_table("topk.parquet").to_pylist()
lists = {{}}
for row in rows:
    lists.setdefault(row["user_external_id"], []).append(row["item_external_id"])
print("best items of user", rows[0]["user_external_id"], "are", lists[rows[0]["user_external_id"]])
"""

_SCHEMA = pa.schema(
    [
        ("user", pa.int32()),
        ("rank", pa.int32()),
        ("item", pa.int32()),
        ("score", pa.float32()),
        ("user_external_id", pa.string()),
        ("item_external_id", pa.string()),
    ]
)


def write(draft: Draft, source: Exported, spec: ExportSpec, context: RunContext) -> Json:
    """Write topk.parquet, with one row for each user and rank."""
    path = draft.path("topk.parquet")
    with pq.ParquetWriter(path, _SCHEMA, compression="zstd", store_schema=False) as writer:
        for first, ranked in ranked_users(source, spec, context):
            writer.write_table(_rows(first, ranked, source))
    return {"top_k": spec.top_k, "mask": spec.mask}


def _rows(first: int, ranked: Ranked, source: Exported) -> pa.Table:
    """Returns the rows, sorted by user and rank. A list ends where no candidate remains."""
    row_E, rank_E = np.nonzero(ranked.items_UK >= 0)
    item_E, user_E = ranked.items_UK[row_E, rank_E], row_E + first
    columns = [
        user_E.astype(np.int32),
        (rank_E + 1).astype(np.int32),
        item_E.astype(np.int32),
        ranked.scores_UK[row_E, rank_E],
        external_ids(source.dataset.user_ids, user_E),
        external_ids(source.dataset.item_ids, item_E),
    ]
    return pa.table(columns, schema=_SCHEMA)
