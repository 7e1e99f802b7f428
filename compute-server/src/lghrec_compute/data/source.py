"""Locates the files of a source, and computes the hash of their content.

Imports neither polars nor numpy: a run needs the hash before it sets its number of threads, and before it
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
    """Folders of the server: its data directory, and the roots that contain all paths of a spec."""

    @property
    def data_dir(self) -> Path: ...
    @property
    def import_roots(self) -> tuple[Path, ...]: ...


def locate(source: SourceSpec, paths: ServerPaths, *, tick: Callable[[], None] = lambda: None) -> SourceFiles:
    """Return the files of a source. Downloads a built-in data set if it is missing, and unpacks an archive.

    `tick` may raise to stop the download. Raises `ConfigError` for a path outside the import roots and for
    invalid sizes, `NotFoundError` for an unknown upload, and `DataError` or `IntegrityError` for files that
    are missing, ambiguous or have another hash than the pinned one.
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
    """Return the SHA-256 over names and contents of the files of a source, 64 hexadecimal digits.

    For a generator it is the hash of its numbers and its code. It downloads nothing, because the hashes of
    built-in files are known. Raises the errors of `locate`.
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
    """Return the error for a file that exists but cannot be read."""
    reason = (error.strerror or str(error)).lower()
    return DataError(f"{path.name} cannot be read: {reason}", hint="give the server's user read permission")


def _builtin_folder(builtin: Builtin, paths: ServerPaths) -> Path:
    return DataDir(paths.data_dir).datasets / builtin.name


def _find(source: SourceSpec, paths: ServerPaths) -> tuple[Path, Sequence[Path]]:
    """Return the file or folder, and the folders that its links must not leave."""
    if source.upload is None:
        assert source.path is not None, "a spec has one of builtin, path, upload and generator"
        return _under_roots(source.path, paths.import_roots), paths.import_roots
    folder = ArtifactStore(DataDir(paths.data_dir).artifacts).get(source.upload, "source").folder / UPLOADED
    alone = list(folder.iterdir())
    only_an_archive = len(alone) == 1 and alone[0].is_file() and is_archive(alone[0])
    return (alone[0] if only_an_archive else folder), (folder,)


def _name(source: SourceSpec, found: str) -> str:
    """Return the name. An upload is named by its id, because the folder of its files has the same name for
    all uploads."""
    return f"upload-{source.upload[:12]}" if source.upload else found


def _under_roots(path: str, roots: Sequence[Path]) -> Path:
    """Return the resolved path. Raises `ConfigError` outside the roots, `DataError` if the path does not
    exist."""
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
        hint="the path is on the server's machine; a relative path starts at an import root",
    )
