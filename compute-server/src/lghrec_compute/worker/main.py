"""Runs one job: acquires the lock, runs the pipeline and writes the last record of the journal."""

from __future__ import annotations

import importlib
import os
import resource
import signal
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType

from lghrec_compute.artifacts import ArtifactStore
from lghrec_compute.errors import RunCancelled
from lghrec_compute.events import ArtifactStored, Finished, Log, StateChanged
from lghrec_compute.journal import ALREADY_RUNNING
from lghrec_compute.layout import RunDir
from lghrec_compute.pipelines.context import RunContext
from lghrec_compute.results import RESULTS, Result, RunResult
from lghrec_compute.spec import EvaluateSpec, PreprocessSpec, Spec
from lghrec_compute.worker.allocator import keep_freed_memory
from lghrec_compute.worker.failure import describe
from lghrec_compute.worker.job import RunJob, load_job, take_lock, write_identity
from lghrec_compute.worker.journal import Journal
from lghrec_compute.worker.reuse import ReuseCache, reuse_is_sound, work_key
from lghrec_compute.worker.threads import apply_threads, choose_threads

_NICENESS = 5


def main(argv: Sequence[str]) -> int:
    """Runs the job in folder `argv[0]`. Returns `ALREADY_RUNNING` if another worker has the lock, else 0."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda _signal, _frame: _request(stop, _frame))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    run_dir = RunDir(Path(argv[0]))
    lock = take_lock(run_dir)
    if lock is None:
        return ALREADY_RUNNING
    with lock:
        write_identity(run_dir)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        os.nice(_NICENESS)
        journal = Journal(run_dir)
        journal.emit(StateChanged("running"))
        journal.finish(_outcome(run_dir, journal, stop))
    return 0


def _request(stop: threading.Event, _frame: FrameType | None) -> None:
    stop.set()


def _outcome(run_dir: RunDir, journal: Journal, stop: threading.Event) -> Finished:
    try:
        job = load_job(run_dir)
        return Finished("succeeded", result=_result(job, _context(job, journal, stop)))
    except RunCancelled:
        return Finished("cancelled")
    except BaseException as error:
        return Finished("failed", failure=describe(error, last_checkpoint=journal.last_checkpoint))


def _context(job: RunJob, journal: Journal, stop: threading.Event) -> RunContext:
    store = ArtifactStore(job.data_dir.artifacts)
    return RunContext(
        job.run_id, job.run_dir.path, job.data_dir.path, store, journal.emit, job.import_roots, stop
    )


def _result(job: RunJob, context: RunContext) -> RunResult:
    if not reuse_is_sound(job.spec):
        return RunResult.of(job.kind, _compute(job, context))
    cache = ReuseCache(job.data_dir.results, context.store)
    key = work_key(job.kind, job.spec, _source_digest(job, context), job.data_dir.code)
    if job.reuse and (found := cache.find(key, RESULTS[job.kind])):
        context.emit(Log(f"the stored outputs of run {found.run_id}, which did the same work, are reused"))
        for artifact in found.artifacts:
            context.emit(ArtifactStored(artifact.ref))
        return RunResult.of(job.kind, found.result, reused_from_run_id=found.run_id)
    result = _compute(job, context)
    cache.keep(key, run_id=job.run_id, result=result)
    return RunResult.of(job.kind, result)


def _compute(job: RunJob, context: RunContext) -> Result:
    keep_freed_memory()
    _choose_threads(job.spec, context)
    return _pipeline(job.kind)(job.spec, context)


def _source_digest(job: RunJob, context: RunContext) -> str:
    if isinstance(job.spec, EvaluateSpec):
        files = importlib.import_module("lghrec_compute.pipelines.evaluate_files")
        return files.predictions_digest(job.spec, context)
    if not isinstance(job.spec, PreprocessSpec):
        return ""  # the artifact ids in the spec already identify the content
    source = importlib.import_module("lghrec_compute.data.source")
    return source.source_digest(job.spec.source, context)


def _choose_threads(spec: Spec, context: RunContext) -> None:
    choice = choose_threads(getattr(spec, "threads", None), edges=_edges(spec, context.store))
    apply_threads(choice.count)
    context.emit(Log(f"{choice.count} thread{'s' if choice.count > 1 else ''}: {choice.reason}"))


def _edges(spec: Spec, store: ArtifactStore) -> int:
    """Number of train interactions of the spec's data set or model; 0 if the data set does not exist yet."""
    artifact_id = getattr(spec, "dataset", None) or getattr(spec, "model", None)
    while artifact_id:
        meta = store.get(artifact_id).meta
        if "num_train" in meta:
            return int(meta["num_train"])
        artifact_id = meta.get("dataset")
    return 0


def _pipeline(kind: str) -> Callable[[Spec, RunContext], Result]:
    # imported here, because the import of torch takes seconds and reused work does not need it
    return importlib.import_module(f"lghrec_compute.pipelines.{kind}").run
