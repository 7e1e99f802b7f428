"""Options of a preprocess run."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import Field, model_validator

from lghrec_compute.spec.base import Spec, field_error
from lghrec_compute.spec.common import Seed
from lghrec_compute.spec.semantic import SemanticSpec
from lghrec_compute.spec.source import SourceSpec

SplitMethod: TypeAlias = Literal["ratio_per_user", "ratio_global", "temporal", "leave_one_out", "given"]
"""Methods of a split. `ratio_per_user` splits the interactions of each user at random, `ratio_global` all
interactions at random. `temporal` puts the latest interactions in the test part and the ones before them in
the valid part. `leave_one_out` puts the last interaction of each user in the test part and the one before it
in the valid part. `given` uses the parts that the source defines."""
Minimum = Annotated[int, Field(ge=1, le=100_000)]


class FilterSpec(Spec):
    """Filters of the interactions, applied in the order of these fields."""

    min_rating: float | None = None
    """Keep interactions with at least this rating. None means that ratings do not matter."""
    min_time: float | None = None
    """Keep interactions from this time on, in seconds since 1970. None means that there is no first time."""
    max_time: float | None = None
    """Keep interactions before this time, in seconds since 1970. None means that there is no last time."""
    min_user_interactions: Minimum = 1
    """Remove users with fewer interactions than this, once, before the k-core."""
    min_item_interactions: Minimum = 1
    """Remove items with fewer interactions than this, once, before the k-core."""
    k_core: Annotated[int, Field(ge=1, le=1000)] = 5
    """Remove users and items with fewer interactions than this, repeatedly, until all have enough. 1 keeps
    all."""

    @model_validator(mode="after")
    def _window_is_open(self) -> FilterSpec:
        if self.min_time is not None and self.max_time is not None and self.min_time >= self.max_time:
            raise field_error("max_time", f"must be after min_time {self.min_time}, got {self.max_time}")
        return self


class SplitSpec(Spec):
    """The split of the interactions into the parts train, valid and test.

    The three shares add up to 1. The methods `leave_one_out` and `given` do not use them.
    """

    method: SplitMethod = "ratio_per_user"
    """Method of the split. `given` requires `source.files` with `train` and `test`, a generator, or a format
    that defines the parts."""
    train: Annotated[float, Field(gt=0, le=1)] = 0.8
    """Share of the train part."""
    valid: Annotated[float, Field(ge=0, lt=1)] = 0.1
    """Share of the valid part."""
    test: Annotated[float, Field(ge=0, lt=1)] = 0.1
    """Share of the test part."""
    seed: Seed = 0
    """Seed of the random methods."""

    @model_validator(mode="after")
    def _shares_add_up(self) -> SplitSpec:
        total = self.train + self.valid + self.test
        if abs(total - 1) > 1e-9:
            raise field_error("", f"train, valid and test must add up to 1, got {round(total, 9)}")
        return self


class PreprocessSpec(Spec):
    """Reads a data set, filters and splits it, and computes semantic ids from the texts of its items."""

    kind: Literal["preprocess"] = Field(default="preprocess", exclude=True)
    source: SourceSpec
    """The source of interactions and item texts."""
    filter: FilterSpec = FilterSpec()
    """Filters of the interactions."""
    split: SplitSpec = SplitSpec()
    """The split into train, valid and test."""
    semantic: SemanticSpec | None = None
    """Options of semantic ids. None means that the run computes no semantic ids."""

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
