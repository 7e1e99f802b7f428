"""What a preprocess run may ask for."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from lghrec_compute.spec.base import Spec, field_error, served
from lghrec_compute.spec.common import Seed
from lghrec_compute.spec.semantic import SemanticSpec
from lghrec_compute.spec.source import SourceSpec

SPLIT_METHODS = frozenset({"ratio_per_user", "ratio_global", "temporal", "leave_one_out", "given"})

SplitMethod = Annotated[str, AfterValidator(lambda v: served(v, SPLIT_METHODS, "split method"))]
Minimum = Annotated[int, Field(ge=1, le=100_000)]


class FilterSpec(Spec):
    """Which interactions are kept; the steps come in the order of the fields."""

    min_rating: float | None = None
    """Keep interactions rated at least this much; None keeps all."""
    min_time: float | None = None
    """Seconds since 1970; keep interactions from then on."""
    max_time: float | None = None
    """Seconds since 1970; keep interactions before then."""
    min_user_interactions: Minimum = 1
    min_item_interactions: Minimum = 1
    """Drop users, and items, with fewer, once."""
    k_core: Annotated[int, Field(ge=1, le=1000)] = 5
    """Drop users and items with fewer interactions, again and again, until none is left to drop."""

    @model_validator(mode="after")
    def _window_is_open(self) -> FilterSpec:
        if self.min_time is not None and self.max_time is not None and self.min_time >= self.max_time:
            raise field_error("max_time", f"must be after min_time {self.min_time}, got {self.max_time}")
        return self


class SplitSpec(Spec):
    """How interactions are dealt out to train, valid and test."""

    method: SplitMethod = "ratio_per_user"
    """`leave_one_out` and `given` take no shares."""
    train: Annotated[float, Field(gt=0, le=1)] = 0.8
    valid: Annotated[float, Field(ge=0, lt=1)] = 0.1
    test: Annotated[float, Field(ge=0, lt=1)] = 0.1
    seed: Seed = 0

    @model_validator(mode="after")
    def _shares_add_up(self) -> SplitSpec:
        total = self.train + self.valid + self.test
        if abs(total - 1) > 1e-9:
            raise field_error("", f"train, valid and test must add up to 1, got {round(total, 9)}")
        return self


class PreprocessSpec(Spec):
    """Data set in, split and semantic ids out."""

    kind: Literal["preprocess"] = Field(default="preprocess", exclude=True)
    source: SourceSpec
    filter: FilterSpec = FilterSpec()
    split: SplitSpec = SplitSpec()
    semantic: SemanticSpec | None = None

    @model_validator(mode="after")
    def _split_fits_the_source(self) -> PreprocessSpec:
        source, given = self.source, self.split.method == "given"
        if given and source.builtin is not None:
            raise field_error("split.method", f"{source.builtin} comes without a split: expected another")
        if not given and source.files.train is not None:
            raise field_error("split.method", "files of a given split are named: expected given")
        if not given and source.generator is not None and source.generator.cold_items:
            raise field_error("split.method", "only the generator's own split has cold items: expected given")
        return self
