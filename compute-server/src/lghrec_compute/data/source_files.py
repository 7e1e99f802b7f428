"""Finds the files of a source, by the names that its format defines or by those that a spec gives.

Files of a given split (train, valid, test) are searched for only if there is no file of all interactions.
Imports neither polars nor numpy, as `source` does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

from lghrec_compute.data.sizes import Sizes
from lghrec_compute.errors import ConfigError, DataError
from lghrec_compute.import_roots import is_inside
from lghrec_compute.spec.formats import FORMATS, FileFormat, SourceFormat
from lghrec_compute.spec.source import ColumnsSpec, FilesSpec

GENERATOR = "generator"
"""Format of a source that has no files."""

ROLES = ("interactions", "train", "valid", "test", "items", "knowledge", "interests")
"""Roles of a file: all interactions, or those of one part of a given split; the texts of the items; knowledge
about the items; interests of the users."""

COMPRESSED = (".gz", ".zst")
_PARTS = ("train", "valid", "test")
_COLUMNS = ColumnsSpec()


@dataclass(frozen=True)
class SourceFiles:
    """A source's format, its files by role (`ROLES`), and its terms of use if they are known.

    `columns` is used only by formats with `FileFormat.is_mapped`, `generator` only by the format `generator`.
    """

    name: str
    format: str
    files: Mapping[str, Path] = field(default_factory=dict)
    columns: ColumnsSpec = _COLUMNS
    generator: Sizes | None = None
    terms: str = ""


def find_files(
    path: Path, format_name: SourceFormat, given: FilesSpec, *, roots: Sequence[Path]
) -> tuple[str, dict[str, Path]]:
    """Return the name of the source and its files by role. `path` is a folder, or the file of interactions.

    No file may link outside `roots`. Raises `DataError` if a required file is missing or ambiguous, and
    `ConfigError` for a given name that leaves the folder.
    """
    if path.is_dir():
        folder = _descend(path)
        files = _given(folder, given, roots)
        name = path.name
    else:
        folder, name = path.parent, bare_name(path).split(".")[0]
        files = {**_given(folder, given, roots), "interactions": path}
    _add_found(files, folder, FORMATS[format_name], alone=path.is_file())
    for file in files.values():
        if not is_inside(file.resolve(), roots):
            raise DataError(
                f"{file.name} is a link that leaves the import roots", hint="copy the file into the folder"
            )
    if format_name == "recbole" and "interactions" in files:
        name = files["interactions"].name.removesuffix(".inter")
    return name, {role: files[role].resolve() for role in ROLES if role in files}


def bare_name(path: Path) -> str:
    """Return a file's name without .gz or .zst."""
    return path.stem if path.suffix in COMPRESSED else path.name


def _given(folder: Path, given: FilesSpec, roots: Sequence[Path]) -> dict[str, Path]:
    files: dict[str, Path] = {}
    for role in ROLES:
        if not (name := getattr(given, role)):
            continue
        path = Path(folder, name)
        if Path(name).is_absolute() or ".." in Path(name).parts or not is_inside(path.resolve(), roots):
            message = f"got {name!r}, expected a path inside the source"
            raise ConfigError.at(f"source.files.{role}", message)
        if not path.is_file():
            raise DataError(
                f"no file {name!r} in {folder.name}", hint=f"source.files.{role} is relative to the source"
            )
        files[role] = path
    return files


def _add_found(files: dict[str, Path], folder: Path, names: FileFormat, *, alone: bool) -> None:
    """Add the files that the spec does not name. `alone` means that the source is a file, not a folder."""
    there = [file for file in sorted(folder.iterdir()) if file.is_file()]
    if "interactions" not in files and not any(part in files for part in _PARTS):
        parts = {part: _match(there, getattr(names, part), ()) for part in _PARTS}
        found = _match(there, names.interactions, names.not_interactions)
        if not found and parts["train"] and parts["test"]:
            files.update({part: _only(matches, folder) for part, matches in parts.items() if matches})
        else:
            files["interactions"] = _only(found, folder, names.interactions)
    if "items" not in files:
        found = _match(there, names.items, ())
        if alone:
            found = _with_same_name(files["interactions"], found)
        if found:
            files["items"] = _only(found, folder, role="items")


def _match(files: Sequence[Path], patterns: Sequence[str], never: Sequence[str]) -> list[Path]:
    for pattern in patterns:
        names = ((file, bare_name(file)) for file in files)
        found = [
            file
            for file, name in names
            if fnmatchcase(name, pattern) and not any(fnmatchcase(name, other) for other in never)
        ]
        if found:
            return found
    return []


def _with_same_name(interactions: Path, items: list[Path]) -> list[Path]:
    """Return the items file with the same name as the interactions, if the folder contains several items
    files."""
    stem = bare_name(interactions).split(".")[0].removeprefix("reviews_").removesuffix("_5")
    return [file for file in items if bare_name(file).split(".")[0].removeprefix("meta_") == stem] or items


def _only(
    found: Sequence[Path], folder: Path, patterns: Sequence[str] = (), *, role: str = "interactions"
) -> Path:
    if len(found) == 1:
        return found[0]
    got = ", ".join(file.name for file in found[:10]) or "none"
    expected = f" ({' or '.join(patterns)})" if patterns else ""
    raise DataError(
        f"folder {folder.name} must contain exactly one file of {role}{expected}, got {got}",
        hint=f"name it in source.files.{role}, or give the file itself as the path",
    )


def _descend(folder: Path) -> Path:
    """Return the innermost folder of nested folders that contain nothing else, as archives often do."""
    while True:
        inside = [path for path in folder.iterdir() if not path.name.startswith(".")]
        if len(inside) != 1 or not inside[0].is_dir() or inside[0].is_symlink():
            return folder
        folder = inside[0]


def parts_in(files: Mapping[str, Path]) -> list[tuple[int | None, Path]]:
    """Return the files of interactions in order, each with the code of its part, None for a file of all
    interactions."""
    if "interactions" in files:
        return [(None, files["interactions"])]
    return [(code, files[part]) for code, part in enumerate(_PARTS) if part in files]
