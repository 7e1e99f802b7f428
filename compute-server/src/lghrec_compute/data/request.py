"""What the data room needs to know of a spec and of the server's folders; `lghrec_compute.spec` fits it.

Imports nothing but the standard library, as `source` does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from lghrec_compute.data.sizes import GeneratorSpec, Sizes

GENERATOR = "generator"
"""Format of a source that has no files."""

ROLES = ("interactions", "train", "valid", "test", "items", "knowledge", "interests")
"""What a file can be for: all interactions, or those of one part of a given split; the items' texts; what is
known beside them."""


class ServerPaths(Protocol):
    """Folders of the server: its data directory, and the roots that paths of a spec must lie under."""

    @property
    def data_dir(self) -> Path: ...
    @property
    def import_roots(self) -> tuple[Path, ...]: ...


class ColumnsSpec(Protocol):
    """Names of columns; for delimited text without a header their numbers, from 0, as text.

    `rating` and `timestamp` are None where there are none; `text` is empty for every column of strings;
    `separator` and `header` are None to have them found out.
    """

    @property
    def user(self) -> str: ...
    @property
    def item(self) -> str: ...
    @property
    def rating(self) -> str | None: ...
    @property
    def timestamp(self) -> str | None: ...
    @property
    def text(self) -> Sequence[str]: ...
    @property
    def separator(self) -> str | None: ...
    @property
    def header(self) -> bool | None: ...


class FilesSpec(Protocol):
    """Paths relative to the source, None where the file is found by its format's own names."""

    @property
    def interactions(self) -> str | None: ...
    @property
    def items(self) -> str | None: ...
    @property
    def train(self) -> str | None: ...
    @property
    def valid(self) -> str | None: ...
    @property
    def test(self) -> str | None: ...
    @property
    def knowledge(self) -> str | None: ...
    @property
    def interests(self) -> str | None: ...


class SourceSpec(Protocol):
    """Exactly one of builtin, path, upload and generator is set; `columns` None takes `Columns`."""

    @property
    def builtin(self) -> str | None: ...
    @property
    def path(self) -> str | None: ...
    @property
    def upload(self) -> str | None: ...
    @property
    def generator(self) -> GeneratorSpec | None: ...
    @property
    def format(self) -> str: ...
    @property
    def columns(self) -> ColumnsSpec | None: ...
    @property
    def files(self) -> FilesSpec: ...


class HasSource(Protocol):
    @property
    def source(self) -> SourceSpec: ...


@dataclass(frozen=True)
class Columns:
    """The defaults of `ColumnsSpec`."""

    user: str = "user"
    item: str = "item"
    rating: str | None = None
    timestamp: str | None = None
    text: Sequence[str] = ()
    separator: str | None = None
    header: bool | None = None


@dataclass(frozen=True)
class SourceFiles:
    """A source's format, its files by role (`ROLES`), and the terms of use if known.

    Formats with names of their own leave `columns` unread; only the format `generator` has `generator`.
    """

    name: str
    format: str
    files: Mapping[str, Path] = field(default_factory=dict)
    columns: ColumnsSpec = Columns()
    generator: Sizes | None = None
    terms: str = ""
