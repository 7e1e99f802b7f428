"""Where a data set's files lie, and the hash of what they hold.

Imports nothing but the standard library: a run asks for the hash before it chooses its threads, and before it
knows whether there is anything to compute.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from lghrec_compute.artifacts.disk import file_sha256
from lghrec_compute.data.builtin import BUILTINS, Builtin, ensure_builtin
from lghrec_compute.errors import ConfigError, DataError, Violation
from lghrec_compute.plain import json_sha256


class Place(Protocol):
    """Folders of the server: its data directory, and the roots that paths of a spec must lie under."""

    @property
    def data_dir(self) -> Path: ...
    @property
    def import_roots(self) -> tuple[Path, ...]: ...


class SourceSpec(Protocol):
    """Exactly one is set (`lghrec_compute.spec.preprocess.Source`)."""

    @property
    def builtin(self) -> str | None: ...
    @property
    def path(self) -> str | None: ...


class HasSource(Protocol):
    @property
    def source(self) -> SourceSpec: ...


@dataclass(frozen=True)
class SourceFiles:
    """Atomic files of RecBole: interactions, texts if there are any, and the terms of use if known."""

    name: str
    inter: Path
    item: Path | None
    terms: str = ""


def locate(source: SourceSpec, place: Place, *, tick: Callable[[], None] = lambda: None) -> SourceFiles:
    """Finds the files of a source; a built-in one that is not there yet is fetched.

    `tick` may raise to stop the download. Raises `ConfigError` for a path outside the import roots,
    `DataError` or `IntegrityError` for files that are missing, ambiguous or not the pinned ones.
    """
    if source.builtin is not None:
        builtin = BUILTINS[source.builtin]
        folder = _builtin_folder(builtin, place)
        ensure_builtin(builtin, folder, offline=os.environ.get("LGHREC_OFFLINE") == "1", tick=tick)
        inter, item = (folder / member.file_name for member in builtin.members)
        return SourceFiles(builtin.name, inter, item, builtin.terms)
    assert source.path is not None, "a spec has a builtin or a path"
    return _recbole_files(_under_roots(source.path, place.import_roots), place.import_roots)


def source_digest(spec: HasSource, place: Place) -> str:
    """SHA-256 over names and contents of the files that `spec` reads, 64 hexadecimal digits.

    Fetches nothing: the hashes of built-in files are known. Raises as `locate` does.
    """
    source = spec.source
    if source.builtin is not None:
        return json_sha256(BUILTINS[source.builtin].file_hashes)
    files = locate(source, place)
    paths = [path for path in (files.inter, files.item) if path is not None]
    try:
        return json_sha256({path.name: file_sha256(path) for path in paths})
    except OSError as error:
        raise unreadable(Path(error.filename or files.inter), error) from error


def unreadable(path: Path, error: OSError) -> DataError:
    """The error for a file that is there but cannot be read."""
    reason = (error.strerror or str(error)).lower()
    return DataError(f"{path.name} cannot be read: {reason}", hint="give the server's user read permission")


def _builtin_folder(builtin: Builtin, place: Place) -> Path:
    return place.data_dir / "datasets" / builtin.name


def _under_roots(path: str, roots: Sequence[Path]) -> Path:
    """The path with links and `..` resolved; a relative one is looked for under each root in turn."""
    candidates = [Path(root, path).resolve() for root in roots]
    allowed = [candidate for candidate in candidates if _is_inside(candidate, roots)]
    if not allowed:
        message = f"got {path!r}, expected a path under one of the server's import roots"
        raise ConfigError(
            f"source.path: {message}",
            violations=(Violation("source.path", message),),
            hint="move the files under an import root, or start the server with --import-root <folder>",
        )
    for candidate in allowed:
        if candidate.exists():
            return candidate
    raise DataError(
        f"no file or folder {path!r} under the server's import roots",
        hint="the path is one of the server's machine; a relative one starts at an import root",
    )


def _recbole_files(path: Path, roots: Sequence[Path]) -> SourceFiles:
    """`path` is <name>.inter itself or a folder with exactly one."""
    if path.is_dir():
        found = sorted(path.glob("*.inter"))
        if len(found) != 1:
            got = ", ".join(file.name for file in found) or "none"
            raise DataError(
                f"folder {path.name} must hold exactly one .inter file, got {got}",
                hint="name the .inter file itself as the path",
            )
        path = found[0]
    elif path.suffix != ".inter":
        raise DataError(
            f"cannot read {path.name}: expected a folder or a .inter file",
            hint="format recbole reads <name>.inter and, for texts, <name>.item beside it",
        )
    item = path.with_suffix(".item")
    for file in (path, item):
        if file.exists() and not _is_inside(file.resolve(), roots):
            raise DataError(f"{file.name} is a link that leaves the import roots", hint="copy the file there")
    return SourceFiles(path.stem, path, item if item.is_file() else None)


def _is_inside(path: Path, roots: Sequence[Path]) -> bool:
    return any(path.is_relative_to(root.resolve()) for root in roots)
