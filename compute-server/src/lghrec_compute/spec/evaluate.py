"""What an evaluate run may ask for."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from lghrec_compute.spec.base import Spec
from lghrec_compute.spec.common import ArtifactId, Device, SeenMask, Threads


def _sorted_unique(cutoffs: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(sorted(set(cutoffs)))


class EvaluateSpec(Spec):
    """All-ranking evaluation of a model."""

    kind: Literal["evaluate"] = Field(default="evaluate", exclude=True)
    model: ArtifactId
    cutoffs: Annotated[
        tuple[Annotated[int, Field(ge=1, le=1000)], ...],
        Field(min_length=1, max_length=16),
        AfterValidator(_sorted_unique),
    ] = (10, 20)
    split: Literal["test", "valid"] = "test"
    mask: SeenMask | None = None
    """None: train and valid at test, train at valid."""
    drop_unseen: bool = False
    """Leave out held-out items without a train interaction; inflates the figures."""
    device: Device = "auto"
    threads: Threads | None = None
