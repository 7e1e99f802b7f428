"""Finds the outputs of the same work, so that nothing is computed twice.

Work is the same when kind, resolved spec, content of the source, code of LGHRec and versions of the libraries
that compute are the same. The record names artifacts by content; it counts only while they are all there.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, fields
from importlib.metadata import version
from pathlib import Path

from lghrec_compute.artifacts import Artifact, ArtifactStore, write_atomic
from lghrec_compute.json_types import Json, canonical_json, json_sha256
from lghrec_compute.records import record_from_dict, record_to_dict
from lghrec_compute.results import ArtifactRef, Result
from lghrec_compute.spec import PreprocessSpec, Spec, spec_to_dict
from lghrec_compute.spec.semantic import GENERATIVE

_LIBRARIES = (
    "torch",
    "numpy",
    "scipy",
    "polars",
    "pyarrow",
    "sentence-transformers",
    "tokenizers",
    "transformers",
    "onnx",
    "onnxruntime",
    "usearch",
    "matplotlib",
)
_PACKAGE = Path(__file__).parents[1]


@dataclass(frozen=True)
class FoundWork:
    """The result of an earlier run that did the same work, and its artifacts."""

    run_id: str
    result: Result
    artifacts: list[Artifact]


class ReuseCache:
    """Records of finished work in a folder, one file for each piece of work."""

    def __init__(self, folder: Path, store: ArtifactStore) -> None:
        self._folder = folder
        self._store = store

    def find(self, key: str, result_type: type[Result]) -> FoundWork | None:
        """Returns the stored result of this work, None if there is none or its artifacts are not complete."""
        path = self._folder / f"{key}.json"
        if not path.is_file():
            return None
        try:
            record: Json = json.loads(path.read_text())
            result = record_from_dict(result_type, record["result"])
            artifacts = [self._store.get(ref.id) for ref in _artifact_refs(result)]
        except (ValueError, KeyError):  # the record is broken, or an artifact is gone
            return None
        if not all(_is_whole(artifact) for artifact in artifacts):
            return None
        return FoundWork(record["run_id"], result, artifacts)

    def keep(self, key: str, *, run_id: str, result: Result) -> None:
        """Stores the result of a run."""
        self._folder.mkdir(parents=True, exist_ok=True)
        record = canonical_json({"run_id": run_id, "result": record_to_dict(result)})
        write_atomic(self._folder / f"{key}.json", record.encode())


def reuse_is_sound(spec: Spec) -> bool:
    """False where a language model, its endpoint and the cache of its texts have a say in the result.

    An estimate would be stale, and texts that could not be made would never be tried again. The cache of
    texts makes such work cheap the second time all the same.
    """
    semantic = spec.semantic if isinstance(spec, PreprocessSpec) else None
    return semantic is None or (semantic.stage == "all" and semantic.text_source not in GENERATIVE)


def work_key(kind: str, spec: Spec, source_digest: str) -> str:
    """SHA-256 that is equal only for equal work."""
    versions = {name: version(name) for name in _LIBRARIES}
    work = {"kind": kind, "spec": spec_to_dict(spec), "source": source_digest}
    return json_sha256(work | {"code": code_digest(), "versions": versions})


def code_digest() -> str:
    """SHA-256 of the modules that compute; the control plane changes no result."""
    digest = hashlib.sha256()
    for path in sorted(_PACKAGE.rglob("*.py")):
        name = path.relative_to(_PACKAGE).as_posix()
        if not name.startswith("server/"):
            digest.update(name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _artifact_refs(result: Result) -> list[ArtifactRef]:
    values = [getattr(result, field.name) for field in fields(result)]
    return [value for value in values if isinstance(value, ArtifactRef)]


def _is_whole(artifact: Artifact) -> bool:
    paths = [(artifact.folder / file.path, file.size_bytes) for file in artifact.files]
    return all(path.is_file() and path.stat().st_size == size for path, size in paths)
