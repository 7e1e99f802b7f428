"""Semantic ids artifacts: written, and read back.

vectors.safetensors: semantic_IC float32 [I, C], mask_I bool [I] (False: no text, the row is zero).
texts.parquet: item int32, text, keywords, text_sha256, flags (separated by commas).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from safetensors.numpy import load_file, save_file

from lghrec_compute.artifacts import Artifact, ArtifactStore, Draft
from lghrec_compute.dseg.runner import TextRow
from lghrec_compute.plain import Json
from lghrec_compute.types import Bools, Floats


@dataclass(frozen=True)
class SemanticIds:
    """One vector an item, in the numbering of the data set that `meta` names."""

    semantic_IC: Floats
    mask_I: Bools
    rows: Sequence[TextRow]
    meta: Json


def save_semantic_ids(
    store: ArtifactStore,
    ids: SemanticIds,
    *,
    run_id: str,
    write_more: Callable[[Path], None] = lambda _folder: None,
) -> Draft:
    """Commits semantic ids with `ids.meta`; the draft's `stored` is the artifact.

    `write_more` adds files to the artifact's folder.

    Raises `DiskError` when the disk is full; then nothing of it is left.
    """
    with store.draft("semantic_ids", ids.meta, run_id=run_id) as draft:
        tensors = {"semantic_IC": np.ascontiguousarray(ids.semantic_IC, np.float32), "mask_I": ids.mask_I}
        save_file(tensors, draft.path("vectors.safetensors"))
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


def load_semantic_ids(artifact: Artifact) -> SemanticIds:
    """The semantic ids of an artifact of kind `semantic_ids`."""
    tensors = load_file(artifact.path("vectors.safetensors"))
    table = pq.read_table(artifact.path("texts.parquet"), columns=["text", "keywords", "flags"])
    rows = tuple(
        TextRow(text, keywords, tuple(flag for flag in flags.split(",") if flag))
        for text, keywords, flags in zip(*(column.to_pylist() for column in table.columns), strict=True)
    )
    return SemanticIds(tensors["semantic_IC"], tensors["mask_I"], rows, artifact.meta)
