"""Writes a source's files and reads them as a run would."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from lghrec_compute.data.raw import RawData, Watch
from lghrec_compute.data.readers import READERS
from lghrec_compute.data.request import Columns
from lghrec_compute.data.sizes import GeneratorSpec
from lghrec_compute.data.source import locate
from lghrec_compute.events import Event, WarningRaised


@dataclass(frozen=True)
class Files:
    """What a spec says of files, without the checks of a spec."""

    interactions: str | None = None
    items: str | None = None
    train: str | None = None
    valid: str | None = None
    test: str | None = None
    knowledge: str | None = None
    interests: str | None = None


DEFAULT_COLUMNS, DEFAULT_FILES = Columns(), Files()


@dataclass(frozen=True)
class Request:
    """What a spec says of a source, likewise."""

    path: str | None = None
    builtin: str | None = None
    upload: str | None = None
    generator: GeneratorSpec | None = None
    format: str = "recbole"
    columns: Columns | None = None
    files: Files = DEFAULT_FILES


@dataclass(frozen=True)
class Place:
    data_dir: Path
    import_roots: tuple[Path, ...]


@dataclass(frozen=True)
class Reading:
    """What a reader yields and tells."""

    raw: RawData
    events: list[Event] = field(default_factory=list)

    @property
    def rows(self) -> list[tuple]:
        """Interactions in the order that they were read."""
        return self.raw.interactions.rows()

    @property
    def texts(self) -> dict[str, tuple[str, ...]]:
        """Texts of each item, in the order of the text fields."""
        return {item: tuple(texts) for item, *texts in self.raw.items.rows()}

    @property
    def warnings(self) -> dict[str, str]:
        """Messages by code."""
        return {event.code: event.message for event in self.events if isinstance(event, WarningRaised)}


def write(folder: Path, contents: Mapping[str, str | bytes]) -> None:
    """Files by relative path, text as UTF-8."""
    for name, content in contents.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)


def read(
    folder: Path,
    layout: str,
    contents: Mapping[str, str | bytes] | None = None,
    *,
    columns: Columns = DEFAULT_COLUMNS,
    files: Files = DEFAULT_FILES,
    path: str = "source",
) -> Reading:
    """Writes `contents` into <folder>/source and reads it in a format."""
    write(folder / "source", contents or {})
    source = Request(path=path, format=layout, columns=columns, files=files)
    located = locate(source, Place(folder / "data", (folder,)))
    events: list[Event] = []
    return Reading(READERS[layout](located, Watch(events.append)), events)
