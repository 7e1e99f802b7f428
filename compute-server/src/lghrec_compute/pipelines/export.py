"""The export service: a model in, files for other programs out.

Every format comes with README.txt, which tells what the files hold and how to load them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import safetensors.torch
from torch import Tensor

from lghrec_compute.artifacts import Draft
from lghrec_compute.evaluation import Ranked, rank
from lghrec_compute.evaluation.pairs import lists_of, pair_keys
from lghrec_compute.events import Progress
from lghrec_compute.pipelines.context import Context
from lghrec_compute.pipelines.export_readme import readme
from lghrec_compute.pipelines.model_store import Model, load_model, seen_parts
from lghrec_compute.plain import Json, canonical_json
from lghrec_compute.spec import ExportSpec
from lghrec_compute.training.device import resolve_device

_ROWS_AT_ONCE = 200_000


def run(spec: ExportSpec, context: Context) -> Json:
    """Writes a model's files in one format. Returns the fields of `lghrec.v1.ExportResult`."""
    context.emit(Progress("load", 0, 1))
    model = load_model(context.store, spec.model)
    context.emit(Progress("load", 1, 1))
    with context.store.draft("export", _meta(spec), run_id=context.run_id) as draft:
        _WRITERS[spec.format](draft, model, spec, context)
        draft.path("README.txt").write_text(readme(spec, model))
    return {"export": context.announce(draft).ref}


def _meta(spec: ExportSpec) -> Json:
    meta: Json = {"model": spec.model, "format": spec.format}
    return meta | {"top_k": spec.top_k, "mask": spec.mask} if spec.format == "topk" else meta


def _write_safetensors(draft: Draft, model: Model, _spec: ExportSpec, _context: Context) -> None:
    for name, embeddings in (("users", model.users_UD), ("items", model.items_ID)):
        safetensors.torch.save_file({"embeddings": embeddings}, draft.path(f"{name}.safetensors"))
    ids = {"users": list(model.dataset.user_ids), "items": list(model.dataset.item_ids)}
    draft.path("ids.json").write_text(canonical_json(ids) + "\n")


def _write_parquet(draft: Draft, model: Model, _spec: ExportSpec, _context: Context) -> None:
    for name, ids, embeddings in (
        ("users", model.dataset.user_ids, model.users_UD),
        ("items", model.dataset.item_ids, model.items_ID),
    ):
        table = pa.table({"external_id": pa.array(ids, pa.string()), "embedding": _vectors(embeddings)})
        # the schema is stored, or readers would see lists of any length
        pq.write_table(table, draft.path(f"{name}.parquet"), compression="zstd", store_schema=True)


def _vectors(embeddings_ND: Tensor) -> pa.FixedSizeListArray:
    flat = pa.array(embeddings_ND.numpy().reshape(-1))
    return pa.FixedSizeListArray.from_arrays(flat, embeddings_ND.shape[1])


def _write_topk(draft: Draft, model: Model, spec: ExportSpec, context: Context) -> None:
    ranked = _top_lists(model, spec, context)
    users_at_once = max(1, _ROWS_AT_ONCE // spec.top_k)
    path = draft.path("topk.parquet")
    with pq.ParquetWriter(path, _TOPK, compression="zstd", store_schema=False) as writer:
        for first in range(0, len(ranked.items_UK), users_at_once):
            writer.write_table(_topk_rows(ranked, first, users_at_once, model))


def _top_lists(model: Model, spec: ExportSpec, context: Context) -> Ranked:
    dataset = model.dataset
    keys = pair_keys(seen_parts(dataset, spec.mask), dataset.num_users, dataset.num_items)
    seen = lists_of(keys, np.arange(dataset.num_users), dataset.num_items)
    device = resolve_device(spec.device)

    def on_chunk(done: int) -> None:
        context.emit(Progress("rank", done, dataset.num_users))
        context.check_stop()

    users_UD, items_ID = model.users_UD.to(device), model.items_ID.to(device)
    return rank(users_UD, items_ID, cutoff=spec.top_k, seen=seen, on_chunk=on_chunk)


_TOPK = pa.schema(
    [
        ("user", pa.int32()),
        ("rank", pa.int32()),
        ("item", pa.int32()),
        ("score", pa.float32()),
        ("user_external_id", pa.string()),
        ("item_external_id", pa.string()),
    ]
)


def _topk_rows(ranked: Ranked, first: int, count: int, model: Model) -> pa.Table:
    """Rows of `count` users, by user and rank; a list ends where no candidate is left."""
    items_UK = ranked.items_UK[first : first + count]
    row_E, rank_E = np.nonzero(items_UK >= 0)
    item_E, user_E = items_UK[row_E, rank_E], row_E + first
    columns = [
        user_E.astype(np.int32),
        (rank_E + 1).astype(np.int32),
        item_E.astype(np.int32),
        ranked.scores_UK[user_E, rank_E],
        _external(model.dataset.user_ids, user_E),
        _external(model.dataset.item_ids, item_E),
    ]
    return pa.table(columns, schema=_TOPK)


def _external(ids: Sequence[str], index_E: np.ndarray) -> pa.Array:
    return pa.array(ids, pa.string()).take(pa.array(index_E))


_WRITERS: dict[str, Callable[[Draft, Model, ExportSpec, Context], None]] = {
    "safetensors": _write_safetensors,
    "parquet": _write_parquet,
    "topk": _write_topk,
}
"""One for each of `spec.export.EXPORT_FORMATS`."""
