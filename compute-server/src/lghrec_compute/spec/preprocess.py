"""What a preprocess run may ask for."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from lghrec_compute.spec.base import Spec, served
from lghrec_compute.spec.common import Seed

BUILTIN_DATASETS = frozenset({"movielens-100k"})
FORMATS = frozenset({"recbole"})
SPLIT_METHODS = frozenset({"ratio_per_user"})
COT_PROVIDERS = frozenset({"extractive", "raw_text"})
ENCODERS = frozenset({"minilm"})
TRANSFORMS = frozenset({"none"})


class Source(Spec):
    """Where interactions and texts come from: exactly one of `builtin` and `path`."""

    builtin: (
        Annotated[str, AfterValidator(lambda v: served(v, BUILTIN_DATASETS, "built-in data set"))] | None
    ) = None
    """Name of a data set the server knows how to get."""
    path: Annotated[str, Field(min_length=1, max_length=4096)] | None = None
    """File or folder on the server, under one of its import roots."""
    format: Annotated[str, AfterValidator(lambda v: served(v, FORMATS, "format"))] = "recbole"
    """Layout of the files at `path`."""

    @model_validator(mode="after")
    def _exactly_one(self) -> Source:
        if (self.builtin is None) == (self.path is None):
            given = "both" if self.builtin is not None else "neither"
            raise PydanticCustomError(
                "source", "give exactly one of builtin and path, got {given}", {"given": given}
            )
        return self


class Filter(Spec):
    """Which interactions are kept."""

    min_rating: float | None = None
    """Keep interactions rated at least this much; None keeps all."""
    k_core: Annotated[int, Field(ge=1, le=1000)] = 5
    """Drop users and items with fewer interactions, again and again, until none is left to drop."""


class Split(Spec):
    """How interactions are dealt out to train, valid and test."""

    method: Annotated[str, AfterValidator(lambda v: served(v, SPLIT_METHODS, "split method"))] = (
        "ratio_per_user"
    )
    train: Annotated[float, Field(gt=0, le=1)] = 0.8
    valid: Annotated[float, Field(ge=0, lt=1)] = 0.1
    test: Annotated[float, Field(ge=0, lt=1)] = 0.1
    seed: Seed = 0

    @model_validator(mode="after")
    def _shares_add_up(self) -> Split:
        total = self.train + self.valid + self.test
        if abs(total - 1) > 1e-9:
            raise PydanticCustomError(
                "split", "train, valid and test must add up to 1, got {total}", {"total": round(total, 9)}
            )
        return self


class Semantic(Spec):
    """How semantic ids are made from item texts (paper, section 2.1)."""

    cot: Annotated[str, AfterValidator(lambda v: served(v, COT_PROVIDERS, "text source"))] = "extractive"
    """`extractive`: verbatim quotes and keywords of the item's text; `raw_text`: the text as it is."""
    encoder: Annotated[str, AfterValidator(lambda v: served(v, ENCODERS, "encoder"))] = "minilm"
    transform: Annotated[str, AfterValidator(lambda v: served(v, TRANSFORMS, "transform"))] = "none"
    fields: tuple[Annotated[str, Field(min_length=1, max_length=128)], ...] = ()
    """Item fields that make the description, in order; empty takes every text field."""
    max_tokens: Annotated[int, Field(ge=8, le=512)] = 256
    """Tokens of a text that the encoder reads; the rest is cut and counted."""


class PreprocessSpec(Spec):
    """Data set in, split and semantic ids out."""

    kind: Literal["preprocess"] = Field(default="preprocess", exclude=True)
    source: Source
    filter: Filter = Filter()
    split: Split = Split()
    semantic: Semantic | None = None
