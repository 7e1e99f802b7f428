"""What an export run may ask for."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from lghrec_compute.spec.base import Spec, field_error, served
from lghrec_compute.spec.common import ArtifactId, Device, SeenMask, Threads

EXPORT_FORMATS = frozenset({"safetensors", "parquet", "topk", "topk_jsonl", "npz", "onnx", "usearch"})
LIST_FORMATS = frozenset({"topk", "topk_jsonl"})
"""Formats that hold lists of items; `top_k` and `mask` say which."""

RunId = Annotated[
    str, Field(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", description="UUID of a run")
]


class ExportSpec(Spec):
    """Files of a model, or of the newest checkpoint of a train run, for other programs."""

    kind: Literal["export"] = Field(default="export", exclude=True)
    model: ArtifactId | None = None
    """Exactly one of this and `run`."""
    run: RunId | None = None
    """A train run that has ended or been stopped: its best tensors so far, else those of its last step."""
    format: Annotated[str, AfterValidator(lambda v: served(v, EXPORT_FORMATS, "export format"))]
    top_k: Annotated[int, Field(ge=1, le=1000)] = 20
    """Items a list, for `topk` and `topk_jsonl`."""
    mask: SeenMask = "train_valid"
    """Known items left out of a list, for the same formats; `all` for lists that are shown to users."""
    device: Device = "auto"
    threads: Threads | None = None

    @model_validator(mode="after")
    def _has_one_subject(self) -> ExportSpec:
        if self.model is None and self.run is None:
            raise field_error("model", "required where no run is given, but not given")
        if self.model is not None and self.run is not None:
            raise field_error("run", "give either a model or a run, got both")
        return self
