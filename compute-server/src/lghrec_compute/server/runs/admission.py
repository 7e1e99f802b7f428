"""Checks before a run is accepted: everything that its spec names must exist and be of the right kind."""

from __future__ import annotations

from pathlib import Path

from lghrec_compute.artifacts import Artifact, ArtifactStore
from lghrec_compute.bundled_model import weights_path
from lghrec_compute.errors import ConfigError, NotFoundError, Violation
from lghrec_compute.import_roots import find_inside
from lghrec_compute.results import ArtifactKind
from lghrec_compute.server.endpoints import Endpoints
from lghrec_compute.server.store import RunRow
from lghrec_compute.spec import (
    CompareSpec,
    EvaluateSpec,
    ExportSpec,
    PreprocessSpec,
    ReportSpec,
    Spec,
    TrainSpec,
)
from lghrec_compute.spec.evaluate import PredictionsSpec
from lghrec_compute.spec.semantic import SemanticSpec
from lghrec_compute.spec.source import SourceSpec


class Admission:
    """Checks specs against the files, artifacts and endpoints of this server. Call it off the event loop."""

    def __init__(self, store: ArtifactStore, import_roots: tuple[Path, ...], endpoints: Endpoints) -> None:
        self._store = store
        self._import_roots = import_roots
        self._endpoints = endpoints

    def violations(self, spec: Spec, run: RunRow | None = None) -> list[Violation]:
        """Return a violation for everything that the spec names and that cannot be used.

        `run` is the run that the spec names, None if there is no such run.
        """
        if isinstance(spec, PreprocessSpec):
            return [*self._source(spec.source), *self._semantic(spec.semantic)]
        if isinstance(spec, TrainSpec):
            return self._train(spec)
        if isinstance(spec, ExportSpec):
            return self._run(spec.run, run) if spec.model is None else self._model(spec.model)
        if isinstance(spec, EvaluateSpec):
            return (
                self._model(spec.model) if spec.predictions is None else self._predictions(spec.predictions)
            )
        if isinstance(spec, CompareSpec):
            return self._compare(spec)
        if isinstance(spec, ReportSpec):
            return self._report(spec)
        raise AssertionError(type(spec))

    def _source(self, source: SourceSpec) -> list[Violation]:
        found: list[Violation] = []
        if source.path is not None and (problem := path_problem(source.path, self._import_roots)):
            found.append(Violation("source.path", problem))
        if source.upload is not None:
            self._artifact("source.upload", source.upload, "source", found)
        return found

    def _semantic(self, semantic: SemanticSpec | None) -> list[Violation]:
        if semantic is None:
            return []
        found: list[Violation] = []
        if semantic.encoder_path is not None:
            problem = path_problem(semantic.encoder_path, self._import_roots, folder=True)
            found += [Violation("semantic.encoder_path", problem)] if problem else []
        if semantic.text_source == "llamacpp" and (problem := _model_problem()):
            found.append(Violation("semantic.text_source", problem))
        if semantic.text_source == "openai" and (
            problem := self._endpoint_problem(semantic.generation.endpoint)
        ):
            found.append(Violation("semantic.generation.endpoint", problem))
        return found

    def _endpoint_problem(self, name: str | None) -> str:
        try:
            endpoints = self._endpoints.load()
        except ConfigError as error:
            return f"{error.message}: {error.hint}"
        if name in endpoints:
            return ""
        known = ", ".join(sorted(endpoints)) or "none"
        return f"not configured: got {name!r}, expected one of the server's endpoints: {known}"

    def _train(self, spec: TrainSpec) -> list[Violation]:
        found: list[Violation] = []
        self._artifact("dataset", spec.dataset, "dataset", found)
        if spec.semantic_ids is None:
            return found
        semantic = self._artifact("semantic_ids", spec.semantic_ids, "semantic_ids", found)
        if semantic is not None and semantic.meta.get("dataset") != spec.dataset:
            got = semantic.meta.get("dataset")
            text = f"belong to another data set: got those of {got}, expected those of {spec.dataset}"
            found.append(Violation("semantic_ids", text))
        return found

    def _run(self, run_id: str | None, run: RunRow | None) -> list[Violation]:
        if run is None:
            return [Violation("run", f"no run {run_id!r}, expected a train run that has ended")]
        if run.kind != "train":
            return [Violation("run", f"run of another kind: got {run.kind}, expected train")]
        if not run.terminal:
            text = f"has not ended: got state {run.state}, expected an ended run; wait for it or cancel it"
            return [Violation("run", text)]
        found: list[Violation] = []
        self._artifact("run", run.spec["dataset"], "dataset", found)
        return found

    def _predictions(self, predictions: PredictionsSpec) -> list[Violation]:
        found: list[Violation] = []
        self._artifact("predictions.dataset", predictions.dataset, "dataset", found)
        if predictions.path is not None and (problem := path_problem(predictions.path, self._import_roots)):
            found.append(Violation("predictions.path", problem))
        if predictions.upload is not None:
            self._artifact("predictions.upload", predictions.upload, "source", found)
        return found

    def _compare(self, spec: CompareSpec) -> list[Violation]:
        found: list[Violation] = []
        for i, entry in enumerate(spec.entries):
            for j, report in enumerate(entry.reports):
                self._artifact(f"entries.{i}.reports.{j}", report, "evaluation", found)
        return found

    def _report(self, spec: ReportSpec) -> list[Violation]:
        found: list[Violation] = []
        entries = [(f"entries.{i}", entry) for i, entry in enumerate(spec.entries)]
        for i, sweep in enumerate(spec.sweeps):
            entries += [(f"sweeps.{i}.entries.{j}", entry) for j, entry in enumerate(sweep.entries)]
        for path, entry in entries:
            self._artifact(f"{path}.model", entry.model, "model", found)
            if entry.evaluation is not None:
                self._artifact(f"{path}.evaluation", entry.evaluation, "evaluation", found)
        if spec.comparison is not None:
            self._artifact("comparison", spec.comparison, "comparison", found)
        return found

    def _model(self, model_id: str | None) -> list[Violation]:
        found: list[Violation] = []
        if model_id is None:
            return found
        model = self._artifact("model", model_id, "model", found)
        if model is not None:
            self._artifact("model", str(model.meta.get("dataset")), "dataset", found)
        return found

    def _artifact(
        self, path: str, artifact_id: str, kind: ArtifactKind, found: list[Violation]
    ) -> Artifact | None:
        try:
            return self._store.get(artifact_id, kind)
        except (ConfigError, NotFoundError) as error:
            found.append(Violation(path, error.message))
            return None


def _model_problem() -> str:
    try:
        weights_path()
    except ConfigError as error:
        return f"not available: {error.message}: {error.hint}"
    return ""


def path_problem(path: str, import_roots: tuple[Path, ...], *, folder: bool = False) -> str:
    """Return the reason why `path` cannot be read, or an empty text. It must exist under an import root."""
    what = "folder" if folder else "file or folder"
    roots = ", ".join(str(root) for root in import_roots)
    if "\0" in path or ".." in Path(path).parts:
        return f"not allowed, got {path!r}, expected a path without '..' under {roots}"
    if find_inside(path, import_roots, folder=folder) is not None:
        return ""
    return f"no such {what}, got {path!r}, expected one under {roots}"
