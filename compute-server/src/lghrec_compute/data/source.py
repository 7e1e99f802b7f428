"""Where a data set's files lie, and the hash of what they hold.

Imports nothing but the standard library: a run asks for the hash before it chooses its threads, and before it
knows whether there is anything to compute.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from lghrec_compute.artifacts import ArtifactStore
from lghrec_compute.artifacts.disk import file_sha256
from lghrec_compute.data.archive import is_archive, unpacked
from lghrec_compute.data.builtin import BUILTINS, Builtin, ensure_builtin
from lghrec_compute.data.sizes import generator_digest, resolve_sizes
from lghrec_compute.data.source_files import GENERATOR, SourceFiles, find_files
from lghrec_compute.errors import ConfigError, DataError
from lghrec_compute.import_roots import find_inside, resolve_inside
from lghrec_compute.json_types import json_sha256
from lghrec_compute.layout import DataDir
from lghrec_compute.spec.source import ColumnsSpec, SourceSpec

UPLOADED = "files"
"""Folder of an uploaded data set's files within its artifact of kind `source`."""


class ServerPaths(Protocol):
    """Folders of the server: its data directory, and the roots that paths of a spec must lie under."""

    @property
    def data_dir(self) -> Path: ...
    @property
    def import_roots(self) -> tuple[Path, ...]: ...


def locate(source: SourceSpec, paths: ServerPaths, *, tick: Callable[[], None] = lambda: None) -> SourceFiles:
    """Finds the files of a source; a built-in one that is not there yet is fetched, an archive unpacked.

    `tick` may raise to stop the download. Raises `ConfigError` for a path outside the import roots and for
    sizes that make no sense, `NotFoundError` for an unknown upload, `DataError` or `IntegrityError` for files
    that are missing, ambiguous or not the pinned ones.
    """
    if source.builtin is not None:
        builtin = BUILTINS[source.builtin]
        folder = _builtin_folder(builtin, paths)
        ensure_builtin(builtin, folder, offline=os.environ.get("LGHREC_OFFLINE") == "1", tick=tick)
        inter, item = (folder / member.file_name for member in builtin.members)
        files = {"interactions": inter, "items": item}
        return SourceFiles(builtin.name, "recbole", files, terms=builtin.terms)
    if source.generator is not None:
        sizes = resolve_sizes(source.generator)
        return SourceFiles(sizes.name, GENERATOR, generator=sizes)
    path, roots = _find(source, paths)
    if path.is_file() and is_archive(path):
        path = unpacked(path, DataDir(paths.data_dir).unpacked, tick=tick)
        roots = (path,)
    name, files = find_files(path, source.format, source.files, roots=roots)
    return SourceFiles(_name(source, name), source.format, files, source.columns or ColumnsSpec())


def source_digest(source: SourceSpec, paths: ServerPaths) -> str:
    """SHA-256 over names and contents of the files of a source, 64 hexadecimal digits.

    Of a generator it is the hash of its numbers and its code. Fetches nothing: the hashes of built-in files
    are known. Raises as `locate` does.
    """
    if source.builtin is not None:
        return json_sha256(BUILTINS[source.builtin].file_hashes)
    if source.generator is not None:
        return generator_digest(resolve_sizes(source.generator))
    located = locate(source, paths)
    try:
        return json_sha256({role: (path.name, file_sha256(path)) for role, path in located.files.items()})
    except OSError as error:
        raise unreadable(Path(error.filename or located.name), error) from error


def unreadable(path: Path, error: OSError) -> DataError:
    """The error for a file that is there but cannot be read."""
    reason = (error.strerror or str(error)).lower()
    return DataError(f"{path.name} cannot be read: {reason}", hint="give the server's user read permission")


def _builtin_folder(builtin: Builtin, paths: ServerPaths) -> Path:
    return DataDir(paths.data_dir).datasets / builtin.name


def _find(source: SourceSpec, paths: ServerPaths) -> tuple[Path, Sequence[Path]]:
    """The file or folder, and the folders that nothing it links to may lie outside of."""
    if source.upload is None:
        assert source.path is not None, "a spec has one of builtin, path, upload and generator"
        return _under_roots(source.path, paths.import_roots), paths.import_roots
    folder = ArtifactStore(DataDir(paths.data_dir).artifacts).get(source.upload, "source").folder / UPLOADED
    alone = list(folder.iterdir())
    only_an_archive = len(alone) == 1 and alone[0].is_file() and is_archive(alone[0])
    return (alone[0] if only_an_archive else folder), (folder,)


def _name(source: SourceSpec, found: str) -> str:
    """An upload is named by its id: its files lie in a folder that has the same name for all."""
    return f"upload-{source.upload[:12]}" if source.upload else found


def _under_roots(path: str, roots: Sequence[Path]) -> Path:
    """Return the resolved path. Raises `ConfigError` outside the roots, `DataError` if nothing is there."""
    if (found := find_inside(path, roots)) is not None:
        return found
    if not resolve_inside(path, roots):
        message = f"got {path!r}, expected a path under one of the server's import roots"
        raise ConfigError.at(
            "source.path",
            message,
            hint="move the files under an import root, or start the server with --import-root <folder>",
        )
    raise DataError(
        f"no file or folder {path!r} under the server's import roots",
        hint="the path is one of the server's machine; a relative one starts at an import root",
    )
