"""Where interactions and item texts come from."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from lghrec_compute.spec.base import Spec, field_error, served
from lghrec_compute.spec.common import ArtifactId, Seed

BUILTIN_DATASETS = frozenset({"movielens-100k"})
FORMATS = frozenset(
    {
        "adjacency",
        "amazon",
        "delimited",
        "json_maps",
        "jsonl",
        "mind",
        "movielens",
        "parquet",
        "recbole",
        "yelp",
    }
)
GENERATOR_SIZES = frozenset({"yelp2018-size", "amazon-book-size", "mind-size"})
MAPPED_FORMATS = frozenset({"delimited", "jsonl", "parquet"})
"""Formats whose columns have no names of their own."""

_CHOICES = ("builtin", "path", "upload", "generator")

Name = Annotated[str, Field(min_length=1, max_length=256)]
RelativePath = Annotated[str, Field(min_length=1, max_length=1024, pattern=r"^[^/\\][^\\]*$")]
BuiltinName = Annotated[str, AfterValidator(lambda v: served(v, BUILTIN_DATASETS, "built-in data set"))]
Format = Annotated[str, AfterValidator(lambda v: served(v, FORMATS, "format"))]
SizeName = Annotated[str, AfterValidator(lambda v: served(v, GENERATOR_SIZES, "size"))]


class ColumnsSpec(Spec):
    """Which columns mean what, for delimited text, JSONL and Parquet; numbers from 0 without a header."""

    user: Name = "user"
    item: Name = "item"
    rating: Name | None = None
    timestamp: Name | None = None
    """Seconds or milliseconds since 1970, or ISO 8601."""
    text: tuple[Name, ...] = ()
    """Columns of the items file that are text; empty takes every column of strings."""
    separator: Annotated[str, Field(min_length=1, max_length=2)] | None = None
    """None finds it out."""
    header: bool | None = None
    """None finds it out."""


class FilesSpec(Spec):
    """Which files mean what, relative to the source; left out, they are found by the format's own names."""

    interactions: RelativePath | None = None
    items: RelativePath | None = None
    train: RelativePath | None = None
    valid: RelativePath | None = None
    test: RelativePath | None = None
    knowledge: RelativePath | None = None
    """Triples (head, relation, tail) around items, for backbones that use them."""
    interests: RelativePath | None = None
    """Interests of users, for backbones that use them."""

    @model_validator(mode="after")
    def _given_split_is_whole(self) -> FilesSpec:
        if (self.train is None) != (self.test is None):
            raise field_error("test" if self.test is None else "train", "train and test are given together")
        if self.train is not None and self.interactions is not None:
            raise field_error("interactions", "give either interactions, or train and test")
        return self


class GeneratorSpec(Spec):
    """A seeded power-law graph with item texts whose categories drive the clicks."""

    size: SizeName | None = None
    """Fills in the numbers that are left out."""
    users: Annotated[int, Field(ge=10, le=100_000_000)] | None = None
    items: Annotated[int, Field(ge=10, le=100_000_000)] | None = None
    interactions: Annotated[int, Field(ge=100, le=2_000_000_000)] | None = None
    categories: Annotated[int, Field(ge=1, le=1000)] = 20
    cold_items: Annotated[float, Field(ge=0, lt=1)] = 0.0
    """Share of items that only the test part knows."""
    seed: Seed = 0

    @model_validator(mode="after")
    def _has_a_size(self) -> GeneratorSpec:
        for name in ("users", "items", "interactions"):
            if self.size is None and getattr(self, name) is None:
                raise field_error(name, "required where no size is named, but not given")
        return self


class SourceSpec(Spec):
    """Exactly one of `builtin`, `path`, `upload` and `generator`."""

    builtin: BuiltinName | None = None
    """Name of a data set the server knows how to get."""
    path: Annotated[str, Field(min_length=1, max_length=4096)] | None = None
    """File or folder on the server, under one of its import roots."""
    upload: ArtifactId | None = None
    """Id of an uploaded data set."""
    generator: GeneratorSpec | None = None
    format: Format = "recbole"
    """Layout of the files of a path or an upload."""
    columns: ColumnsSpec | None = None
    files: FilesSpec = FilesSpec()

    @model_validator(mode="after")
    def _exactly_one(self) -> SourceSpec:
        given = [name for name in _CHOICES if getattr(self, name) is not None]
        if len(given) != 1:
            got = " and ".join(given) or "none"
            raise field_error("", f"give exactly one of {', '.join(_CHOICES)}, got {got}")
        if self.columns is not None and self.format not in MAPPED_FORMATS:
            expected = ", ".join(sorted(MAPPED_FORMATS))
            raise field_error("columns", f"format {self.format} names its own columns, expected {expected}")
        return self
