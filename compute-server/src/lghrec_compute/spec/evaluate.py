"""What an evaluate run may ask for."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from lghrec_compute.spec.base import Spec, field_error
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
    mask: SeenMask = "train_valid"
    """Left out: train and valid at test, train at valid."""
    drop_unseen: bool = False
    """Leave out held-out items without a train interaction; inflates the figures."""
    device: Device = "auto"
    threads: Threads | None = None

    @model_validator(mode="before")
    @classmethod
    def _default_mask(cls, data: Any) -> Any:
        if isinstance(data, dict) and data.get("mask") is None and data.get("split") == "valid":
            return {**data, "mask": "train"}
        return data

    @model_validator(mode="after")
    def _mask_leaves_the_part(self) -> EvaluateSpec:
        if self.mask == "all" or (self.mask == "train_valid" and self.split == "valid"):
            expected = "train or train_valid" if self.split == "test" else "train"
            text = f"hides the {self.split} items that are to be found: got {self.mask}, expected {expected}"
            raise field_error("mask", text)
        return self
