"""Exports of the best items of every user, ranked and written a few users at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from lghrec_compute.artifacts import Draft
from lghrec_compute.evaluation import Ranked, rank
from lghrec_compute.evaluation.pairs import lists_of, pair_keys
from lghrec_compute.events import Progress
from lghrec_compute.json_types import Json
from lghrec_compute.pipelines.context import RunContext
from lghrec_compute.pipelines.export_source import Exported
from lghrec_compute.pipelines.model_store import seen_parts
from lghrec_compute.spec import ExportSpec
from lghrec_compute.training.device import resolve_device
from lghrec_compute.types import Ints

ROWS_AT_ONCE = 1_000_000
"""Rows of lists held at once, about 100 bytes each with external ids."""

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


def write_topk(draft: Draft, source: Exported, spec: ExportSpec, context: RunContext) -> Json:
    """topk.parquet: a row for each user and rank."""
    path = draft.path("topk.parquet")
    with pq.ParquetWriter(path, _TOPK, compression="zstd", store_schema=False) as writer:
        for first, ranked in _ranked(source, spec, context):
            writer.write_table(_rows(first, ranked, source))
    return {"top_k": spec.top_k, "mask": spec.mask}


def write_topk_jsonl(draft: Draft, source: Exported, spec: ExportSpec, context: RunContext) -> Json:
    """topk.jsonl: a line for each user, {"user", "items": [{"item", "score"}]}, by external ids."""
    with draft.path("topk.jsonl").open("wb") as file:
        for first, ranked in _ranked(source, spec, context):
            file.write(_lines(first, ranked, source).write_ndjson().encode())
    return {"top_k": spec.top_k, "mask": spec.mask}


def _ranked(source: Exported, spec: ExportSpec, context: RunContext) -> Iterator[tuple[int, Ranked]]:
    """Lists of some users at a time, each with the first user's number."""
    dataset = source.dataset
    keys = pair_keys(seen_parts(dataset, spec.mask), dataset.num_users, dataset.num_items)
    device = resolve_device(spec.device)
    users_UD, items_ID = source.users_UD.to(device), source.items_ID.to(device)
    at_once = max(1, ROWS_AT_ONCE // spec.top_k)

    for first in range(0, dataset.num_users, at_once):
        stop = min(first + at_once, dataset.num_users)

        def on_chunk(done: int, first: int = first) -> None:
            context.emit(Progress("rank", first + done, dataset.num_users))
            context.check_stop()

        seen = lists_of(keys, np.arange(first, stop), dataset.num_items)
        yield first, rank(users_UD[first:stop], items_ID, cutoff=spec.top_k, seen=seen, on_chunk=on_chunk)


def _rows(first: int, ranked: Ranked, source: Exported) -> pa.Table:
    """By user and rank; a list ends where no candidate is left."""
    row_E, rank_E = np.nonzero(ranked.items_UK >= 0)
    item_E, user_E = ranked.items_UK[row_E, rank_E], row_E + first
    columns = [
        user_E.astype(np.int32),
        (rank_E + 1).astype(np.int32),
        item_E.astype(np.int32),
        ranked.scores_UK[row_E, rank_E],
        _external(source.dataset.user_ids, user_E),
        _external(source.dataset.item_ids, item_E),
    ]
    return pa.table(columns, schema=_TOPK)


def _lines(first: int, ranked: Ranked, source: Exported) -> pl.DataFrame:
    found_UK = ranked.items_UK >= 0
    offsets = np.concatenate([[0], np.cumsum(found_UK.sum(1))]).astype(np.int64)
    items = pa.StructArray.from_arrays(
        [_external(source.dataset.item_ids, ranked.items_UK[found_UK]), pa.array(ranked.scores_UK[found_UK])],
        ["item", "score"],
    )
    users = _external(source.dataset.user_ids, np.arange(first, first + len(found_UK)))
    table = pa.table({"user": users, "items": pa.LargeListArray.from_arrays(offsets, items)})
    lines = pl.from_arrow(table)
    assert isinstance(lines, pl.DataFrame)
    return lines


def _external(ids: Sequence[str], index_E: Ints) -> pa.Array:
    return pa.array(ids, pa.string()).take(pa.array(index_E))
