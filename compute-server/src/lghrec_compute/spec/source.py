"""The source of interactions and item texts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal, TypeAlias, get_args

from pydantic import Field, model_validator

from lghrec_compute.spec.base import Spec, field_error
from lghrec_compute.spec.common import Seed, UploadId
from lghrec_compute.spec.formats import FORMATS, SourceFormat

BuiltinDataset: TypeAlias = Literal["movielens-100k"]
"""Data sets that the server can download."""
GeneratorSize: TypeAlias = Literal["yelp2018-size", "amazon-book-size", "mind-size"]
"""Numbers of users, items and interactions of public data sets."""

BUILTIN_DATASETS = frozenset(get_args(BuiltinDataset))
GENERATOR_SIZES: Mapping[GeneratorSize, tuple[int, int, int]] = {
    "yelp2018-size": (277_631, 112_394, 4_250_483),
    "amazon-book-size": (1_856_344, 704_093, 27_164_983),
    "mind-size": (47_495, 28_420, 5_311_336),
}
"""Users, items and interactions of the paper's data sets (its Table 3)."""

Name = Annotated[str, Field(min_length=1, max_length=256)]
RelativePath = Annotated[str, Field(min_length=1, max_length=1024, pattern=r"^[^/\\][^\\]*$")]
ServerPath = Annotated[str, Field(min_length=1, max_length=4096)]
Separator = Annotated[str, Field(min_length=1, max_length=2)]


class ColumnsSpec(Spec):
    """Names of the columns of the formats `delimited`, `jsonl` and `parquet`.

    For delimited text without a header, give the index of the column as text, from "0".
    """

    user: Name = "user"
    """Column of user ids."""
    item: Name = "item"
    """Column of item ids."""
    rating: Name | None = None
    """Column of ratings. None means that the data has no ratings."""
    timestamp: Name | None = None
    """Column of times: seconds or milliseconds since 1970, or ISO 8601. None means that the data has no
    times."""
    text: tuple[Name, ...] = ()
    """Text columns of the items file. An empty list selects every column of strings."""
    separator: Separator | None = None
    """Separator of delimited text. None means that the server detects it among tab, comma, semicolon, `::`
    and `|`."""
    header: bool | None = None
    """Whether the first line of delimited text contains the names of the columns. None means that the server
    detects it."""


class FilesSpec(Spec):
    """Paths of the files inside the source, with forward slashes.

    The format defines where a file is that is not named here.
    """

    interactions: RelativePath | None = None
    """File of all interactions; it excludes `train` and `test`. None means that the format defines it."""
    items: RelativePath | None = None
    """File of item texts. None means that the format defines it."""
    train: RelativePath | None = None
    """Train part of a given split; it requires `test`. None means that there is no given split."""
    valid: RelativePath | None = None
    """Valid part of a given split. None means that the split has no valid part."""
    test: RelativePath | None = None
    """Test part of a given split; it requires `train`. None means that there is no given split."""
    knowledge: RelativePath | None = None
    """File of triples (head, relation, tail) around items, which the backbone `cikg` uses. None means that
    there is none."""
    interests: RelativePath | None = None
    """File of the interests of users, which the backbone `cikg` uses. None means that there is none."""

    @model_validator(mode="after")
    def _given_split_is_whole(self) -> FilesSpec:
        if (self.train is None) != (self.test is None):
            raise field_error("test" if self.test is None else "train", "train and test are given together")
        if self.train is not None and self.interactions is not None:
            raise field_error("interactions", "give either interactions, or train and test")
        return self


class GeneratorSpec(Spec):
    """A synthetic data set: a power-law graph with item texts whose categories influence the interactions.

    The same seed gives the same data.
    """

    size: GeneratorSize | None = None
    """Size of a public data set, which sets `users`, `items` and `interactions` if they are left out. None
    means that these three fields are required."""
    users: Annotated[int, Field(ge=10, le=100_000_000)] | None = None
    """Number of users. None means that `size` sets it."""
    items: Annotated[int, Field(ge=10, le=100_000_000)] | None = None
    """Number of items. None means that `size` sets it."""
    interactions: Annotated[int, Field(ge=100, le=2_000_000_000)] | None = None
    """Number of interactions. None means that `size` sets it."""
    categories: Annotated[int, Field(ge=1, le=1000)] = 20
    """Number of item categories."""
    cold_items: Annotated[float, Field(ge=0, lt=1)] = 0.0
    """Share of the items that occur in the test part only. It requires `split.method` `given`."""
    seed: Seed = 0
    """Seed of the generator."""

    @model_validator(mode="after")
    def _has_a_size(self) -> GeneratorSpec:
        for name in ("users", "items", "interactions"):
            if self.size is None and getattr(self, name) is None:
                raise field_error(name, "required where no size is named, but not given")
        return self


class SourceSpec(Spec):
    """The source of interactions and item texts."""

    exactly_one: ClassVar[tuple[str, ...]] = ("builtin", "path", "upload", "generator")
    applies_to: ClassVar[Mapping[str, tuple[str, ...]]] = dict.fromkeys(
        ("format", "columns", "files"), ("path", "upload")
    )

    builtin: BuiltinDataset | None = None
    """Name of a public data set that the server downloads."""
    path: ServerPath | None = None
    """File or folder on the server, in one of its import roots."""
    upload: UploadId | None = None
    """Uploaded data set: the value that `client.datasets.upload` returned, or its id."""
    generator: GeneratorSpec | None = None
    """A synthetic data set."""
    format: SourceFormat = "recbole"
    """Format of the files."""
    columns: ColumnsSpec | None = None
    """Names of the columns, for the formats `delimited`, `jsonl` and `parquet`. None means the defaults of
    its fields."""
    files: FilesSpec = FilesSpec()
    """Paths of the files."""

    @model_validator(mode="after")
    def _columns_fit_the_format(self) -> SourceSpec:
        if self.columns is not None and not FORMATS[self.format].is_mapped:
            expected = ", ".join(sorted(name for name, known in FORMATS.items() if known.is_mapped))
            raise field_error("columns", f"format {self.format} names its own columns, expected {expected}")
        return self
