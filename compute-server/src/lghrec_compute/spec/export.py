"""Options of an export run."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, TypeAlias, get_args

from pydantic import Field

from lghrec_compute.spec.base import Spec
from lghrec_compute.spec.common import Device, ModelId, RunId, SeenMask, Threads

ExportFormat: TypeAlias = Literal["safetensors", "parquet", "topk", "topk_jsonl", "npz", "onnx", "usearch"]
"""Formats of exports. `safetensors`, `npz` and `parquet` contain the embeddings with external ids. `topk`
(Parquet) and `topk_jsonl` contain one list of items for each user. `onnx` is a model that computes and ranks
scores, and `usearch` is an index of nearest neighbours. `serverInfo().capabilities.exportFormats` lists the
formats that a server writes."""

EXPORT_FORMATS = frozenset(get_args(ExportFormat))
LIST_FORMATS = frozenset({"topk", "topk_jsonl"})
"""Formats that contain lists of items; only they use `top_k` and `mask`."""


class ExportSpec(Spec):
    """Writes a trained model, or the newest checkpoint of a train run, to files for other programs."""

    exactly_one: ClassVar[tuple[str, ...]] = ("model", "run")

    kind: Literal["export"] = Field(default="export", exclude=True)
    model: ModelId | None = None
    """Model to export: `result.model` of a train result, or its id."""
    run: RunId | None = None
    """Train run that has ended or stopped. The export contains its best embeddings so far, or those of its
    last step if no epoch was evaluated."""
    format: ExportFormat
    """Format of the files."""
    top_k: Annotated[int, Field(ge=1, le=1000)] = 20
    """Number of items per list, for `topk` and `topk_jsonl`."""
    mask: SeenMask = "train_valid"
    """Known items that are left out of the lists, for `topk` and `topk_jsonl`."""
    device: Device = "auto"
    """Device of the worker."""
    threads: Threads | None = None
    """Number of threads of the worker. None means that the server chooses it."""
