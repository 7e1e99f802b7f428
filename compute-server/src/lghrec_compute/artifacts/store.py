"""The content-addressed store: artifacts/<first 2>/<id>/ with manifest.json and the files that it lists.

The id is the SHA-256 of the manifest's canonical text, and the manifest contains the SHA-256 of each file. So
equal content has one id, and a changed byte is detected. Creation time and run are not part of the content;
provenance.json contains them.
"""

from __future__ import annotations

import json
import shutil
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from lghrec_compute.artifacts.disk import disk_errors, file_sha256, fsync_path
from lghrec_compute.errors import ConfigError, IntegrityError, NotFoundError
from lghrec_compute.json_types import Json, canonical_json, json_sha256
from lghrec_compute.results import ArtifactKind, ArtifactRef

KINDS = get_args(ArtifactKind)
_MANIFEST, _PROVENANCE = "manifest.json", "provenance.json"


@dataclass(frozen=True)
class ArtifactFile:
    """One file: relative path with forward slashes, size in bytes, SHA-256."""

    path: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True)
class Artifact:
    """A stored artifact. `meta` is part of its content; `run_id` and `create_time` (Unix seconds) are not."""

    id: str
    kind: ArtifactKind
    folder: Path
    files: tuple[ArtifactFile, ...]
    meta: Json
    run_id: str
    create_time: float

    @property
    def size_bytes(self) -> int:
        """Sum of the sizes of all files."""
        return sum(file.size_bytes for file in self.files)

    @property
    def ref(self) -> ArtifactRef:
        """The name of this artifact, as results and events carry it."""
        return ArtifactRef(self.id, self.kind, self.size_bytes)

    def path(self, name: str) -> Path:
        """Return the path of a file. Raises `NotFoundError` if the manifest does not list it."""
        if not any(file.path == name for file in self.files):
            raise NotFoundError(f"artifact {self.id[:12]} has no file {name!r}", reason="FILE_UNKNOWN")
        return self.folder / name


class Draft:
    """A folder to write into. It becomes an artifact when its `with` block ends without an error."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.artifact: Artifact | None = None

    def path(self, name: str) -> Path:
        """Return the path to write a file to. Parent folders are created."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    @property
    def stored(self) -> Artifact:
        """The artifact. It exists after the block has ended."""
        assert self.artifact is not None, "a draft is stored only when its block has ended"
        return self.artifact


class ArtifactStore:
    """Reads and commits artifacts in one folder. It is safe for several concurrent processes."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @property
    def drafts(self) -> Path:
        """The folder of artifacts that are being written. It may not exist yet."""
        return self.root / "drafts"

    @contextmanager
    def draft(self, kind: ArtifactKind, meta: Json, *, run_id: str) -> Iterator[Draft]:
        """Yield a `Draft`. On success its files are hashed, synced and moved into place by a rename.

        Raises `DiskError` when the disk is full. After an error no part of the draft remains.
        """
        assert kind in KINDS, kind
        folder = self.drafts / uuid.uuid4().hex
        draft = Draft(folder)
        with disk_errors(f"{kind} artifact"):
            try:
                folder.mkdir(parents=True)
                yield draft
                draft.artifact = self._commit(folder, kind, meta, run_id)
            finally:
                shutil.rmtree(folder, ignore_errors=True)

    def get(self, artifact_id: str, kind: ArtifactKind | None = None) -> Artifact:
        """Return an artifact.

        Raises `NotFoundError`; `ConfigError` if it has another kind; `IntegrityError` if it cannot be read.
        """
        folder = self._folder(artifact_id)
        manifest, provenance = _read(folder, artifact_id)
        if kind is not None and manifest["kind"] != kind:
            raise ConfigError(f"artifact of another kind: got {manifest['kind']}, expected {kind}")
        files = tuple(ArtifactFile(**file) for file in manifest["files"])
        return Artifact(
            artifact_id, manifest["kind"], folder, files, manifest["meta"],
            provenance["run_id"], provenance["create_time"],
        )  # fmt: skip

    def verified(self, artifact_id: str, kind: ArtifactKind | None = None) -> Artifact:
        """Return an artifact after a check of every hash. Raises `IntegrityError` for the first file that
        differs."""
        artifact = self.get(artifact_id, kind)
        if json_sha256(json.loads((artifact.folder / _MANIFEST).read_text())) != artifact_id:
            raise IntegrityError(f"artifact {artifact_id[:12]}: manifest does not match its id")
        for file in artifact.files:
            path = artifact.folder / file.path
            if not path.is_file() or file_sha256(path) != file.sha256:
                raise IntegrityError(
                    f"artifact {artifact_id[:12]}: {file.path} does not match its recorded hash",
                    hint="delete the artifact's folder and create the artifact again",
                )
        return artifact

    def ids(self) -> list[str]:
        """Return the ids of all artifacts, in any order."""
        return [
            folder.name for folder in self.root.glob("[0-9a-f][0-9a-f]/*") if (folder / _MANIFEST).is_file()
        ]

    def _folder(self, artifact_id: str) -> Path:
        if len(artifact_id) != 64 or not set(artifact_id) <= set("0123456789abcdef"):
            raise NotFoundError(f"no artifact {artifact_id!r}", reason="ARTIFACT_UNKNOWN")
        return self.root / artifact_id[:2] / artifact_id

    def _commit(self, folder: Path, kind: str, meta: Json, run_id: str) -> Artifact:
        paths = sorted(path for path in folder.rglob("*") if path.is_file())
        files = [
            {
                "path": path.relative_to(folder).as_posix(),
                "size_bytes": path.stat().st_size,
                "sha256": file_sha256(path),
            }
            for path in paths
        ]
        manifest = {"format": 1, "kind": kind, "meta": meta, "files": files}
        (folder / _MANIFEST).write_text(canonical_json(manifest))
        (folder / _PROVENANCE).write_text(canonical_json({"run_id": run_id, "create_time": time.time()}))
        for path in [*paths, folder / _MANIFEST, folder / _PROVENANCE, folder]:
            fsync_path(path)
        artifact_id = json_sha256(manifest)
        self._move(folder, self._folder(artifact_id))
        return self.get(artifact_id)

    def _move(self, folder: Path, target: Path) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            folder.rename(target)  # fails if the folder exists, which then has the same content
        except OSError:
            if not (target / _MANIFEST).is_file():
                raise
        fsync_path(target.parent)


def _read(folder: Path, artifact_id: str) -> tuple[Json, Json]:
    """Return the manifest and the provenance."""
    try:
        return json.loads((folder / _MANIFEST).read_bytes()), json.loads((folder / _PROVENANCE).read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        raise NotFoundError(
            f"no artifact {artifact_id!r}", reason="ARTIFACT_UNKNOWN", hint="list the existing artifacts"
        ) from None
    except ValueError as error:
        raise IntegrityError(f"artifact {artifact_id[:12]}: its manifest cannot be read, {error}") from None
