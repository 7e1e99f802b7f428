"""What a spec names must be there, and be of the right kind, before a run is accepted."""

from __future__ import annotations

from pathlib import Path

from lghrec_compute.artifacts import Artifact, ArtifactStore
from lghrec_compute.errors import ConfigError, NotFoundError, Violation
from lghrec_compute.spec import EvaluateSpec, ExportSpec, PreprocessSpec, Spec, TrainSpec


class Admission:
    """Checks specs against what this server has. Reads files: call it off the event loop."""

    def __init__(self, store: ArtifactStore, import_roots: tuple[Path, ...]) -> None:
        self._store = store
        self._import_roots = import_roots

    def violations(self, spec: Spec) -> list[Violation]:
        """Everything the spec names that cannot be used."""
        if isinstance(spec, PreprocessSpec):
            return self._source(spec)
        if isinstance(spec, TrainSpec):
            return self._train(spec)
        if isinstance(spec, EvaluateSpec | ExportSpec):
            return self._model(spec.model)
        raise AssertionError(type(spec))

    def _source(self, spec: PreprocessSpec) -> list[Violation]:
        if spec.source.path is None:
            return []
        problem = path_problem(spec.source.path, self._import_roots)
        return [Violation("source.path", problem)] if problem else []

    def _train(self, spec: TrainSpec) -> list[Violation]:
        found: list[Violation] = []
        self._artifact("dataset", spec.dataset, "dataset", found)
        if spec.semantic_ids is None:
            return found
        semantic = self._artifact("semantic_ids", spec.semantic_ids, "semantic_ids", found)
        if semantic is not None and semantic.meta.get("dataset") != spec.dataset:
            made_from = semantic.meta.get("dataset")
            text = f"made from another data set: got one of {made_from}, expected one of {spec.dataset}"
            found.append(Violation("semantic_ids", text))
        return found

    def _model(self, model_id: str) -> list[Violation]:
        found: list[Violation] = []
        model = self._artifact("model", model_id, "model", found)
        if model is not None:
            self._artifact("model", str(model.meta.get("dataset")), "dataset", found)
        return found

    def _artifact(self, path: str, artifact_id: str, kind: str, found: list[Violation]) -> Artifact | None:
        try:
            return self._store.get(artifact_id, kind)
        except (ConfigError, NotFoundError) as error:
            found.append(Violation(path, error.message))
            return None


def path_problem(path: str, import_roots: tuple[Path, ...]) -> str:
    """Why `path` cannot be read, empty if it can: links followed, it must lie under a root."""
    roots = ", ".join(str(root) for root in import_roots)
    if "\0" in path or ".." in Path(path).parts:
        return f"not allowed, got {path!r}, expected a path without '..' under {roots}"
    candidates = [Path(path)] if Path(path).is_absolute() else [root / path for root in import_roots]
    for candidate in candidates:
        try:
            real = candidate.resolve()
            if any(real.is_relative_to(root.resolve()) for root in import_roots) and real.exists():
                return ""
        except (OSError, RuntimeError):  # a loop of links, a name that is too long, no permission
            continue
    return f"no file or folder there, got {path!r}, expected one under {roots}"
