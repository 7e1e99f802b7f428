"""Writes and reads artifacts of kind `dataset`.

- interactions.parquet: user int32, item int32, part uint8 (0 train, 1 valid, 2 test), sorted by part, user,
  item. If the source has times, also time float64: seconds since 1970, null if unknown.
- users.parquet: user int32, external_id string. items.parquet: the same for items, and strings text_<field>.
- knowledge.parquet: head int32, tail int32 (items, then entities). interests.parquet: user int32, interest
  int32. Both exist only if the source has them.

Equal data sets give equal bytes, hence the same id. Shapes: E interactions.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from lghrec_compute.artifacts import Artifact, ArtifactStore, Draft
from lghrec_compute.data.dataset import Dataset, Part
from lghrec_compute.data.side_information import ItemKnowledge, SideInformation, UserInterests
from lghrec_compute.records import record_from_dict
from lghrec_compute.results import InterestStatistics, KnowledgeStatistics
from lghrec_compute.types import Doubles, Ints

_TEXT = "text_"


def save_dataset(store: ArtifactStore, dataset: Dataset, *, run_id: str) -> Draft:
    """Commit a data set with `dataset.meta`. The draft's `stored` is the artifact.

    Raises `DiskError` when the disk is full; then no part of the artifact remains.
    """
    with store.draft("dataset", dataset.meta, run_id=run_id) as draft:
        write_table(draft.path("interactions.parquet"), _interactions(dataset))
        write_table(draft.path("users.parquet"), _ids("user", dataset.user_ids))
        items = _ids("item", dataset.item_ids)
        for name, texts in dataset.item_texts.items():
            items = items.append_column(_TEXT + name, pa.array(texts, pa.string()))
        write_table(draft.path("items.parquet"), items)
        if (known := dataset.side_information.knowledge) is not None:
            write_table(draft.path("knowledge.parquet"), _pairs(head=known.head_E, tail=known.tail_E))
        if (liked := dataset.side_information.interests) is not None:
            write_table(draft.path("interests.parquet"), _pairs(user=liked.user_F, interest=liked.interest_F))
    return draft


def load_dataset(artifact: Artifact) -> Dataset:
    """Read an artifact of kind `dataset`, without its side information."""
    interactions = pq.read_table(artifact.path("interactions.parquet"))
    users = pq.read_table(artifact.path("users.parquet"))
    items = pq.read_table(artifact.path("items.parquet"))
    texts = {
        name.removeprefix(_TEXT): items[name].to_pylist()
        for name in items.column_names
        if name.startswith(_TEXT)
    }
    user_E, item_E, part_E = (
        interactions[name].to_numpy().astype(np.int64) for name in ("user", "item", "part")
    )
    time_E = None
    if "time" in interactions.column_names:
        time_E = interactions["time"].fill_null(float("nan")).to_numpy()
    train, valid, test = parts_of(user_E, item_E, part_E, time_E)
    user_ids, item_ids = users["external_id"].to_pylist(), items["external_id"].to_pylist()
    return Dataset(train, valid, test, user_ids, item_ids, texts, artifact.meta)


def load_side_information(artifact: Artifact) -> SideInformation:
    """Read the side information of an artifact of kind `dataset`."""
    knowledge = interests = None
    if "knowledge" in artifact.meta:
        triples = record_from_dict(KnowledgeStatistics, artifact.meta["knowledge"])
        knowledge = ItemKnowledge(*_columns(artifact, "knowledge"), triples.num_entities, triples)
    if "interests" in artifact.meta:
        rows = record_from_dict(InterestStatistics, artifact.meta["interests"])
        interests = UserInterests(*_columns(artifact, "interests"), rows.num_interests, rows)
    return SideInformation(knowledge, interests)


def parts_of(
    user_E: Ints, item_E: Ints, part_E: Ints, time_E: Doubles | None = None
) -> tuple[Part, Part, Part]:
    """Return the train, valid and test interactions of interactions [E] that are sorted by user and item in
    each part."""
    masks = (part_E == code for code in range(3))
    train, valid, test = (
        Part(user_E[mask], item_E[mask], None if time_E is None else time_E[mask]) for mask in masks
    )
    return train, valid, test


def write_table(path: Path, table: pa.Table) -> None:
    """Write Parquet whose bytes depend only on the table and on the version of pyarrow."""
    pq.write_table(table, path, compression="zstd", store_schema=False)


def _pairs(**columns: Ints) -> pa.Table:
    return pa.table({name: ids.astype(np.int32) for name, ids in columns.items()})


def _columns(artifact: Artifact, name: str) -> tuple[Ints, Ints]:
    table = pq.read_table(artifact.path(f"{name}.parquet"))
    left, right = (column.to_numpy().astype(np.int64) for column in table.columns)
    return left, right


def _interactions(dataset: Dataset) -> pa.Table:
    part_E = np.repeat(np.arange(3, dtype=np.uint8), [len(part) for part in dataset.parts])
    user_E = np.concatenate([part.user_E for part in dataset.parts]).astype(np.int32)
    item_E = np.concatenate([part.item_E for part in dataset.parts]).astype(np.int32)
    table = pa.table({"user": user_E, "item": item_E, "part": part_E})
    times = [part.time_E for part in dataset.parts if part.time_E is not None]
    if len(times) == len(dataset.parts):
        table = table.append_column("time", pa.array(np.concatenate(times), from_pandas=True))  # NaN is null
    return table


def _ids(kind: str, external_ids: object) -> pa.Table:
    ids = pa.array(external_ids, pa.string())
    return pa.table({kind: pa.array(np.arange(len(ids), dtype=np.int32)), "external_id": ids})
