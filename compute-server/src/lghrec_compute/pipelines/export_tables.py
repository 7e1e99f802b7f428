"""Exports of the embeddings as they are: safetensors, npz, Parquet."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import safetensors.torch
from torch import Tensor

from lghrec_compute.artifacts import Draft
from lghrec_compute.json_types import Json, canonical_json
from lghrec_compute.pipelines.context import RunContext
from lghrec_compute.pipelines.export_source import Exported
from lghrec_compute.spec import ExportSpec


def write_safetensors(draft: Draft, source: Exported, _spec: ExportSpec, _context: RunContext) -> Json:
    """users.safetensors, items.safetensors and ids.json."""
    for name, embeddings in (("users", source.users_UD), ("items", source.items_ID)):
        # by way of bytes, as the library's own file writer hides a full disk's errno
        data = safetensors.torch.save({"embeddings": embeddings.contiguous()})
        draft.path(f"{name}.safetensors").write_bytes(data)
    write_ids(draft, source)
    return {}


def write_npz(draft: Draft, source: Exported, _spec: ExportSpec, _context: RunContext) -> Json:
    """embeddings.npz, not compressed, and ids.json."""
    np.savez(draft.path("embeddings.npz"), users=source.users_UD.numpy(), items=source.items_ID.numpy())
    write_ids(draft, source)
    return {}


def write_parquet(draft: Draft, source: Exported, _spec: ExportSpec, _context: RunContext) -> Json:
    """users.parquet and items.parquet: external_id, embedding."""
    for name, ids, embeddings in (
        ("users", source.dataset.user_ids, source.users_UD),
        ("items", source.dataset.item_ids, source.items_ID),
    ):
        table = pa.table({"external_id": pa.array(ids, pa.string()), "embedding": _vectors(embeddings)})
        # the schema is stored, or readers would see lists of any length
        pq.write_table(table, draft.path(f"{name}.parquet"), compression="zstd", store_schema=True)
    return {}


def write_ids(draft: Draft, source: Exported) -> None:
    """ids.json: external ids of users and items, in the order of their rows."""
    ids = {"users": list(source.dataset.user_ids), "items": list(source.dataset.item_ids)}
    draft.path("ids.json").write_text(canonical_json(ids) + "\n")


def _vectors(embeddings_ND: Tensor) -> pa.FixedSizeListArray:
    flat = pa.array(embeddings_ND.contiguous().numpy().reshape(-1))
    return pa.FixedSizeListArray.from_arrays(flat, embeddings_ND.shape[1])
