"""What an evaluate run may ask for."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from lghrec_compute.spec.base import Spec, field_error
from lghrec_compute.spec.common import ArtifactId, Device, SeenMask, Threads
from lghrec_compute.spec.metrics import METRICS, check_names
from lghrec_compute.spec.source import Name, RelativePath


def _sorted_unique(cutoffs: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(sorted(set(cutoffs)))


class PredictionColumns(Spec):
    """Names of the columns of a file of predictions, or their numbers from 0 where it has no header."""

    user: Name = "user"
    """External ids, as in the data set's source."""
    item: Name = "item"
    score: Name = "score"
    separator: Annotated[str, Field(min_length=1, max_length=2)] | None = None
    """Of delimited text; None finds it out."""


class PredictionsSpec(Spec):
    """Scores that another tool has given: a file of (user, item, score), the higher the better.

    Delimited text, JSONL or Parquet, told by the file's ending, packed or not. Exactly one of `path` and
    `upload`. Candidates are the pairs in the file, so it should hold at least the longest cutoff's number of
    unseen items for each user; items under the mask are dropped.
    """

    dataset: ArtifactId
    """The prepared data set whose held-out items are to be found."""
    path: Annotated[str, Field(min_length=1, max_length=4096)] | None = None
    """File, archive or folder on the server, under one of its import roots."""
    upload: ArtifactId | None = None
    """Id of an uploaded source."""
    file: RelativePath | None = None
    """Which file of a folder, an archive or an upload; None for the only one."""
    columns: PredictionColumns = PredictionColumns()

    @model_validator(mode="after")
    def _exactly_one(self) -> PredictionsSpec:
        if (self.path is None) == (self.upload is None):
            got = "none" if self.path is None else "path and upload"
            raise field_error("", f"give exactly one of path, upload, got {got}")
        return self


class EvaluateSpec(Spec):
    """All-ranking evaluation of a model, or of predictions that another tool has made."""

    kind: Literal["evaluate"] = Field(default="evaluate", exclude=True)
    model: ArtifactId | None = None
    predictions: PredictionsSpec | None = None
    """Instead of a model."""
    metrics: Annotated[
        tuple[str, ...], Field(min_length=1, max_length=len(METRICS)), AfterValidator(check_names)
    ] = METRICS
    """Without cutoffs, for example "ndcg"."""
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
    def _has_one_subject(self) -> EvaluateSpec:
        if self.model is None and self.predictions is None:
            raise field_error("model", "required where no predictions are given, but not given")
        if self.model is not None and self.predictions is not None:
            raise field_error("predictions", "give either a model or predictions, got both")
        return self

    @model_validator(mode="after")
    def _mask_leaves_the_part(self) -> EvaluateSpec:
        if self.mask == "all" or (self.mask == "train_valid" and self.split == "valid"):
            expected = "train or train_valid" if self.split == "test" else "train"
            text = f"hides the {self.split} items that are to be found: got {self.mask}, expected {expected}"
            raise field_error("mask", text)
        return self
