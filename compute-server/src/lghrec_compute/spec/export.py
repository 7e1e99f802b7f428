"""What an export run may ask for."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from lghrec_compute.spec.base import Spec, served
from lghrec_compute.spec.common import ArtifactId, Device, SeenMask, Threads

EXPORT_FORMATS = frozenset({"safetensors", "parquet", "topk"})


class ExportSpec(Spec):
    """Files of a model for other programs."""

    kind: Literal["export"] = Field(default="export", exclude=True)
    model: ArtifactId
    format: Annotated[str, AfterValidator(lambda v: served(v, EXPORT_FORMATS, "export format"))]
    top_k: Annotated[int, Field(ge=1, le=1000)] = 20
    """Items a list, for `topk`."""
    mask: SeenMask = "train_valid"
    """Known items left out of a list, for `topk`; `all` for lists that are shown to users."""
    device: Device = "auto"
    threads: Threads | None = None
