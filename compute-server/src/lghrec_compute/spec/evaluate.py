"""Options of an evaluate run."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, Field, model_validator

from lghrec_compute.spec.base import Spec, field_error
from lghrec_compute.spec.common import DatasetId, Device, ModelId, SeenMask, Threads, UploadId
from lghrec_compute.spec.metrics import METRICS, MetricName, check_names
from lghrec_compute.spec.source import Name, RelativePath, Separator, ServerPath


def _sorted_unique(cutoffs: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(sorted(set(cutoffs)))


class PredictionColumns(Spec):
    """Names of the columns of a file of predictions.

    For delimited text without a header, give the index of the column as text, from "0".
    """

    user: Name = "user"
    """Column of user ids, as in the source of the data set."""
    item: Name = "item"
    """Column of item ids, as in the source of the data set."""
    score: Name = "score"
    """Column of scores. A higher score is better."""
    separator: Separator | None = None
    """Separator of delimited text. None means that the server detects it."""


class PredictionsSpec(Spec):
    """A file of scores that another program computed: delimited text, JSONL or Parquet.

    Each row is a user, an item and its score; the ending of the file's name defines the format. Only the
    pairs in the file are candidates. For each user the file should therefore contain at least as many unseen
    items as the largest cutoff. Items under the mask are ignored.
    """

    exactly_one: ClassVar[tuple[str, ...]] = ("path", "upload")

    dataset: DatasetId
    """Prepared data set that the predictions belong to: `result.dataset` of a preprocess result, or its
    id."""
    path: ServerPath | None = None
    """File, archive or folder on the server, in one of its import roots."""
    upload: UploadId | None = None
    """Uploaded source: the value that `client.datasets.upload` returned, or its id."""
    file: RelativePath | None = None
    """File inside the folder, the archive or the upload. None means the only file there."""
    columns: PredictionColumns = PredictionColumns()
    """Names of the columns."""


class EvaluateSpec(Spec):
    """Ranks all items for each user and computes metrics of the lists."""

    exactly_one: ClassVar[tuple[str, ...]] = ("model", "predictions")

    kind: Literal["evaluate"] = Field(default="evaluate", exclude=True)
    model: ModelId | None = None
    """Model to evaluate: `result.model` of a train result, or its id."""
    predictions: PredictionsSpec | None = None
    """Scores that another program computed."""
    metrics: Annotated[
        tuple[MetricName, ...], Field(min_length=1, max_length=len(METRICS)), AfterValidator(check_names)
    ] = METRICS
    """Names of the metrics, without a cutoff."""
    cutoffs: Annotated[
        tuple[Annotated[int, Field(ge=1, le=1000)], ...],
        Field(min_length=1, max_length=16),
        AfterValidator(_sorted_unique),
    ] = (10, 20)
    """Lengths of the lists."""
    split: Literal["test", "valid"] = "test"
    """Part of the split whose items are held out."""
    mask: SeenMask = "train_valid"
    """Known items that are left out of the lists. `train_valid` requires the split `test`; with the split
    `valid` the default is `train`."""
    drop_unseen: bool = False
    """Whether to ignore held-out items that have no train interaction. This increases the values of the
    metrics."""
    device: Device = "auto"
    """Device of the worker."""
    threads: Threads | None = None
    """Number of threads of the worker. None means that the server chooses it."""

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
