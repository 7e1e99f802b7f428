"""The announcement of an upload: its checked files and the id of the artifact that they will form."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from itertools import islice

from lghrec.v1 import dataset_pb2
from lghrec_compute.artifacts import ArtifactFile
from lghrec_compute.errors import ConfigError, NotFoundError, Violation
from lghrec_compute.json_types import Json, json_sha256
from lghrec_compute.server.text import one_line
from lghrec_compute.server.wire.convert import unknown_fields

FOLDER = "files"
"""Folder of the files within their artifact. It keeps their names apart from the artifact's own files."""

_MAX_FILES, _MAX_NAME, _MAX_PATH, _MAX_PART, _MAX_DEPTH = 10_000, 128, 1024, 255, 32
_MAX_ANNOUNCEMENT = 3 * 1024 * 1024
"""Largest announcement in bytes. Responses repeat it, and clients reject messages over 4 MiB."""
_MAX_VIOLATIONS = 100
_HEX = frozenset("0123456789abcdef")
_EMPTY_SHA256 = hashlib.sha256(b"").hexdigest()


@dataclass(frozen=True)
class Plan:
    """The files of one data set in the order of its manifest. The number of a file is its index."""

    files: tuple[ArtifactFile, ...]

    @cached_property
    def dataset_id(self) -> str:
        """SHA-256 of the manifest that the store will write. It is known before any byte is received."""
        stored = [asdict(replace(file, path=f"{FOLDER}/{file.path}")) for file in self.files]
        return json_sha256({"format": 1, "kind": "source", "meta": {}, "files": stored})

    @property
    def size_bytes(self) -> int:
        """Number of bytes of all files."""
        return sum(file.size_bytes for file in self.files)

    def number(self, path: str) -> int:
        """Return the number of a file. Raises `NotFoundError`."""
        number = self._numbers.get(path)
        if number is None:
            raise NotFoundError(f"this data set has no file {path[:200]!r}", reason="FILE_UNKNOWN")
        return number

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {file.path: number for number, file in enumerate(self.files)}

    def to_dict(self) -> Json:
        """Return the plan as a dictionary for JSON."""
        return {"files": [asdict(file) for file in self.files]}

    @staticmethod
    def from_dict(data: Json) -> Plan:
        """Return the plan of a dictionary, the inverse of `to_dict`."""
        return Plan(tuple(ArtifactFile(**file) for file in data["files"]))


def plan_upload(request: dataset_pb2.BeginUploadRequest, max_bytes: int) -> Plan:
    """Return the plan of a request. Raises `ConfigError` with at most its first 100 violations."""
    violations = list(islice(_violations(request, max_bytes), _MAX_VIOLATIONS))
    if violations:
        raise ConfigError.of(violations)
    files = [ArtifactFile(file.path, file.size_bytes, file.sha256) for file in request.files]
    return Plan(tuple(sorted(files, key=lambda file: file.path.split("/"))))


def _violations(request: dataset_pb2.BeginUploadRequest, max_bytes: int) -> Iterator[Violation]:
    yield from unknown_fields(request, "request")
    if len(request.name) > _MAX_NAME or one_line(request.name) != request.name:
        text = f"got {len(request.name)} characters, expected at most {_MAX_NAME} without control characters"
        yield Violation("name", text)
    if not 1 <= len(request.files) <= _MAX_FILES:
        yield Violation("files", f"got {len(request.files)} files, expected 1 to {_MAX_FILES:,}")
        return
    if request.ByteSize() > _MAX_ANNOUNCEMENT:
        text = f"all paths together are too long: got {request.ByteSize():,} bytes, expected at most 3 MiB"
        yield Violation("files", text)
        return
    total = sum(file.size_bytes for file in request.files)
    if total > max_bytes:
        text = f"too large: got {total:,} bytes, expected at most {max_bytes:,} (--max-upload-bytes)"
        yield Violation("files", text)
    wrong = list(islice(_file_violations(request.files), _MAX_VIOLATIONS))
    yield from wrong or _name_clashes([file.path for file in request.files])


def _file_violations(files: Sequence[dataset_pb2.DatasetFile]) -> Iterator[Violation]:
    for i, file in enumerate(files):
        yield from unknown_fields(file, f"files.{i}")
        if problem := path_problem(file.path):
            yield Violation(f"files.{i}.path", f"{problem}, got {file.path[:200]!r}")
        if not is_id(file.sha256):
            yield Violation(
                f"files.{i}.sha256", f"got {file.sha256[:80]!r}, expected 64 lower-case hexadecimal digits"
            )
        elif file.size_bytes == 0 and file.sha256 != _EMPTY_SHA256:
            yield Violation(f"files.{i}.sha256", f"got {file.sha256!r}, expected the hash of an empty file")


def _name_clashes(paths: Sequence[str]) -> Iterator[Violation]:
    repeated = {path for path, count in Counter(paths).items() if count > 1}
    folders = {path[:i] for path in paths for i, letter in enumerate(path) if letter == "/"}
    for i, path in enumerate(paths):
        if path in repeated:
            yield Violation(f"files.{i}.path", f"listed twice, got {path[:200]!r}")
        if path in folders:
            yield Violation(f"files.{i}.path", f"is both a file and a folder, got {path[:200]!r}")


def path_problem(path: str) -> str:
    """Return the reason why a file cannot have this path, or an empty text."""
    parts = path.split("/")
    if not 1 <= len(path.encode()) <= _MAX_PATH:
        return f"expected 1 to {_MAX_PATH} bytes"
    if len(parts) > _MAX_DEPTH:
        return f"expected at most {_MAX_DEPTH} names in a path"
    if any(part in ("", ".", "..") for part in parts) or "\\" in path:
        return "expected a relative path with forward slashes and without '.' and '..'"
    if one_line(path) != path:
        return "expected no control characters"
    if any(len(part.encode()) > _MAX_PART for part in parts):
        return f"expected names of at most {_MAX_PART} bytes"
    return ""


def is_id(text: str) -> bool:
    """Return whether a text is a SHA-256 in 64 lower-case hexadecimal digits."""
    return len(text) == 64 and set(text) <= _HEX
