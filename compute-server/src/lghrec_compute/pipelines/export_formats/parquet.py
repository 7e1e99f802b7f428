"""Embeddings with external ids as Parquet."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq
from torch import Tensor

from lghrec_compute.artifacts import Draft
from lghrec_compute.json_types import Json
from lghrec_compute.pipelines.context import RunContext
from lghrec_compute.pipelines.export_source import Exported
from lghrec_compute.spec import ExportSpec

TEXT = """\
users.parquet and items.parquet have the columns external_id (string) and embedding (list of {dim}
float32). The score of an item for a user is the dot product of their embeddings.
"""

CODE = """\
import numpy as np
import pyarrow.parquet as pq

users, items = pq.read_table("users.parquet"), pq.read_table("items.parquet")
matrix = np.stack(items["embedding"].to_numpy())
scores = matrix @ np.array(users["embedding"][0].as_py(), dtype=np.float32)
print("best item of user", users["external_id"][0], "is", items["external_id"][int(scores.argmax())])
"""


def write(draft: Draft, source: Exported, _spec: ExportSpec, _context: RunContext) -> Json:
    """Write users.parquet and items.parquet."""
    for name, ids, embeddings in (
        ("users", source.dataset.user_ids, source.users_UD),
        ("items", source.dataset.item_ids, source.items_ID),
    ):
        table = pa.table({"external_id": pa.array(ids, pa.string()), "embedding": _vectors(embeddings)})
        # without the stored schema, readers would see lists of any length
        pq.write_table(table, draft.path(f"{name}.parquet"), compression="zstd", store_schema=True)
    return {}


def _vectors(embeddings_ND: Tensor) -> pa.FixedSizeListArray:
    flat = pa.array(embeddings_ND.contiguous().numpy().reshape(-1))
    return pa.FixedSizeListArray.from_arrays(flat, embeddings_ND.shape[1])
