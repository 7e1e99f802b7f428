"""Write the files of a source and read them as a run does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from lghrec_compute.data.raw import RawData, ReadContext
from lghrec_compute.data.readers import reader_of
from lghrec_compute.data.source import locate
from lghrec_compute.events import Event, WarningRaised
from lghrec_compute.spec.formats import SourceFormat
from lghrec_compute.spec.source import ColumnsSpec, FilesSpec, SourceSpec

NO_FILES = FilesSpec()


def columns_spec(*names: str, **more: object) -> ColumnsSpec:
    """Columns of user, item, rating and timestamp by position, and other fields by name."""
    fields = zip(("user", "item", "rating", "timestamp"), names, strict=False)
    return ColumnsSpec.model_validate({**dict(fields), **more})


@dataclass(frozen=True)
class ServerPaths:
    """Folders of a server."""

    data_dir: Path
    import_roots: tuple[Path, ...]


@dataclass(frozen=True)
class Reading:
    """The rows and the warnings of a reader."""

    raw: RawData
    events: list[Event] = field(default_factory=list)

    @property
    def rows(self) -> list[tuple]:
        """Return the interactions in the order in which they were read."""
        return self.raw.interactions.rows()

    @property
    def texts(self) -> dict[str, tuple[str, ...]]:
        """Return the texts of each item, in the order of the text fields."""
        return {item: tuple(texts) for item, *texts in self.raw.items.rows()}

    @property
    def warnings(self) -> dict[str, str]:
        """Return the messages of warnings by code."""
        return {event.code: event.message for event in self.events if isinstance(event, WarningRaised)}


def write(folder: Path, contents: Mapping[str, str | bytes]) -> None:
    """Write files by relative path; texts are written as UTF-8."""
    for name, content in contents.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)


def read(
    folder: Path,
    layout: SourceFormat,
    contents: Mapping[str, str | bytes] | None = None,
    *,
    columns: ColumnsSpec | None = None,
    files: FilesSpec = NO_FILES,
    path: str = "source",
) -> Reading:
    """Write `contents` into <folder>/source and read it in a format."""
    write(folder / "source", contents or {})
    source = SourceSpec(path=path, format=layout, columns=columns, files=files)
    located = locate(source, ServerPaths(folder / "data", (folder,)))
    events: list[Event] = []
    return Reading(reader_of(layout)(located, ReadContext(events.append)), events)
