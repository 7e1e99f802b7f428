"""Finds the stored outputs of earlier runs that did the same work, so that nothing is computed twice.

Two runs do the same work if their kind, resolved spec, content of the source, code of LGHRec and versions of
the libraries that compute are equal. A record names its artifacts by their content. It is valid only while
all of them exist.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from importlib.metadata import version
from pathlib import Path

from lghrec_compute.artifacts import Artifact, ArtifactStore, write_atomic
from lghrec_compute.json_types import Json, canonical_json, json_sha256
from lghrec_compute.records import record_from_dict, record_to_dict
from lghrec_compute.results import ArtifactRef, Result
from lghrec_compute.spec import PreprocessSpec, Spec, spec_digest
from lghrec_compute.spec.semantic import GENERATIVE
from lghrec_compute.worker.code_digest import code_digest

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
        """Returns the stored result of this work. None means that no complete result is stored."""
        path = self._folder / f"{key}.json"
        if not path.is_file():
            return None
        try:
            record: Json = json.loads(path.read_text())
            result = record_from_dict(result_type, record["result"])
            artifacts = [self._store.get(ref.id) for ref in _artifact_refs(result)]
        except (ValueError, KeyError):  # the record is damaged, or an artifact does not exist any more
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
    """Returns whether equal work gives an equal result.

    The result is False if the run depends on a language model, its endpoint and the cache of its texts. A
    reused estimate would be out of date, and texts that failed would never be generated again. A second run
    of such work is still cheap because of the cache of texts.
    """
    semantic = spec.semantic if isinstance(spec, PreprocessSpec) else None
    return semantic is None or (semantic.stage == "all" and semantic.text_source not in GENERATIVE)


def work_key(kind: str, spec: Spec, source_digest: str, cache_dir: Path | None = None) -> str:
    """Returns a SHA-256 that is equal only for equal work.

    `cache_dir` is the folder in which the digest of the code is stored between runs. None means that the
    digest is computed each time.
    """
    versions = {name: version(name) for name in _LIBRARIES}
    work = {"spec": spec_digest(kind, spec), "source": source_digest, "versions": versions}
    return json_sha256(work | {"code": code_digest(cache_dir)})


def _artifact_refs(result: Result) -> list[ArtifactRef]:
    values = [getattr(result, field.name) for field in fields(result)]
    return [value for value in values if isinstance(value, ArtifactRef)]


def _is_whole(artifact: Artifact) -> bool:
    paths = [(artifact.folder / file.path, file.size_bytes) for file in artifact.files]
    return all(path.is_file() and path.stat().st_size == size for path, size in paths)
