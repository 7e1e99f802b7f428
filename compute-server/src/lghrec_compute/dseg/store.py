"""Writes and reads artifacts of kind `semantic_ids`.

- vectors.safetensors: semantic_IC float32 or float16 [I, C], mask_I bool [I] (False: no text, the row is
  zero).
- raw.safetensors: raw_IC float16, the encoder's vectors. transform.safetensors: their transform. Both are
  missing for the transform `none`, where semantic_IC contains the encoder's vectors.
- texts.parquet: item int32, text, keywords, text_sha256, flags (separated by commas).

Shapes: I items, C semantic id.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from safetensors.numpy import save_file

from lghrec_compute.artifacts import Artifact, ArtifactStore, Draft
from lghrec_compute.dseg.encode.transform import Transform
from lghrec_compute.dseg.text.item_texts import TextRow
from lghrec_compute.json_types import Json
from lghrec_compute.mapped_tensors import map_tensors
from lghrec_compute.types import Bools, Floats


@dataclass(frozen=True)
class SemanticIds:
    """One vector per item, in the numbering of the data set that `meta` names.

    `raw_IC` (float16) and `transform` are None if the vectors are those of the encoder.
    """

    semantic_IC: Floats
    mask_I: Bools
    rows: Sequence[TextRow]
    meta: Json
    raw_IC: np.ndarray | None = None
    transform: Transform | None = None


def save_semantic_ids(
    store: ArtifactStore,
    ids: SemanticIds,
    *,
    run_id: str,
    write_more: Callable[[Path], None] = lambda _folder: None,
) -> Draft:
    """Commit semantic ids with `ids.meta`. The draft's `stored` is the artifact.

    `write_more` adds files to the artifact's folder. Raises `DiskError` when the disk is full; then no part
    of the artifact remains.
    """
    with store.draft("semantic_ids", ids.meta, run_id=run_id) as draft:
        save_file(_vectors(ids), draft.path("vectors.safetensors"))
        if ids.raw_IC is not None and ids.transform is not None:
            raw = {"raw_IC": np.ascontiguousarray(ids.raw_IC, np.float16)}
            save_file(raw, draft.path("raw.safetensors"))
            ids.transform.save(draft.path("transform.safetensors"))
        columns = {
            "item": pa.array(np.arange(len(ids.rows), dtype=np.int32)),
            "text": pa.array([row.text for row in ids.rows], pa.string()),
            "keywords": pa.array([row.keywords for row in ids.rows], pa.string()),
            "text_sha256": pa.array([row.sha256 for row in ids.rows], pa.string()),
            "flags": pa.array([",".join(row.flags) for row in ids.rows], pa.string()),
        }
        pq.write_table(pa.table(columns), draft.path("texts.parquet"), compression="zstd", store_schema=False)
        write_more(draft.folder)
    return draft


def open_vectors(artifact: Artifact) -> tuple[Floats, Bools]:
    """Return semantic_IC [I, C] and mask_I [I], mapped to the file: bytes are read when they are used."""
    tensors = map_tensors(artifact.path("vectors.safetensors"))
    return tensors["semantic_IC"], tensors["mask_I"]


def load_semantic_ids(artifact: Artifact) -> SemanticIds:
    """Read an artifact of kind `semantic_ids`: texts into memory, vectors mapped to the file."""
    semantic_IC, mask_I = open_vectors(artifact)
    table = pq.read_table(artifact.path("texts.parquet"), columns=["text", "keywords", "flags"])
    rows = tuple(
        TextRow(text, keywords, tuple(flag for flag in flags.split(",") if flag))
        for text, keywords, flags in zip(*(column.to_pylist() for column in table.columns), strict=True)
    )
    raw_IC, transform = None, None
    if any(file.path == "raw.safetensors" for file in artifact.files):
        raw_IC = map_tensors(artifact.path("raw.safetensors"))["raw_IC"]
        transform = Transform.load(artifact.path("transform.safetensors"))
    return SemanticIds(semantic_IC, mask_I, rows, artifact.meta, raw_IC, transform)


def _vectors(ids: SemanticIds) -> dict[str, np.ndarray]:
    kept = np.float16 if ids.semantic_IC.dtype == np.float16 else np.float32
    return {"semantic_IC": np.ascontiguousarray(ids.semantic_IC, kept), "mask_I": ids.mask_I}
