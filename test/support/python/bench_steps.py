"""Steps of a long benchmark: pipelines as child processes with one thread, each run once and stored by
digest.

A benchmark that was stopped continues where it was: `<work>/results/<digest>.json` holds each result with its
step, and a training run resumes from its checkpoints. The recorded step alone is enough to repeat a row of a
table.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import os
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

Json = dict[str, Any]
A = TypeVar("A")
B = TypeVar("B")

_THREADS = {f"{pool}_NUM_THREADS": "1" for pool in ("OMP", "MKL", "OPENBLAS")} | {"POLARS_MAX_THREADS": "1"}


class Steps:
    """Run preprocess, train, evaluate and compare steps below a work folder; `roots` contain the data."""

    def __init__(self, work: Path, roots: Iterable[Path], *, processes: int = 1) -> None:
        self.work = work.resolve()
        self._roots = [str(root.resolve()) for root in roots]
        self._pool = ThreadPoolExecutor(processes)
        self._locks: defaultdict[Path, Lock] = defaultdict(Lock)
        (self.work / "results").mkdir(parents=True, exist_ok=True)

    def each(self, function: Callable[[A], B], values: Iterable[A]) -> list[B]:
        """Call `function` for all values, with at most `processes` calls at a time."""
        return list(self._pool.map(function, values))

    def done(self, kind: str, spec: Json) -> bool:
        """Return whether the result of the step is stored."""
        return self._kept(kind, spec).is_file()

    def run(self, kind: str, spec: Json) -> Json:
        """Return the result of the pipeline, computed now or stored before.

        Raises `subprocess.CalledProcessError` if the pipeline fails; its output is on stderr.
        """
        kept = self._kept(kind, spec)
        with self._locks[
            kept
        ]:  # two settings may be the same step, and only one process may use the folder of a run
            if not kept.is_file():
                self._compute(kind, spec, kept)
        return json.loads(kept.read_text())["result"]

    def record(self, kind: str, spec: Json) -> Json:
        """Return the stored step: kind, spec, resolved spec, digest of the code, result, seconds."""
        self.run(kind, spec)
        return json.loads(self._kept(kind, spec).read_text())

    def row(self, kind: str, spec: Json) -> Json:
        """Return what a committed table stores of a step, enough to repeat it: the spec and the digests of
        spec and code."""
        from lghrec_compute.spec import SPECS, parse, spec_digest

        record = self.record(kind, spec)
        resolved = record["resolved_spec"]
        digest = spec_digest(kind, parse(SPECS[kind], resolved))
        return {"spec": resolved, "spec_digest": digest, "code": record["code"]}

    def per_user(self, report_id: str, metric: str) -> list[float]:
        """Return one metric of every user of an evaluation, in the order of the users."""
        import pyarrow.parquet as pq

        from lghrec_compute.artifacts import ArtifactStore

        path = ArtifactStore(self.work / "artifacts").get(report_id, "evaluation").path("per_user.parquet")
        return pq.read_table(path, columns=[metric]).column(0).to_pylist()

    def _compute(self, kind: str, spec: Json, kept: Path) -> None:
        started = time.monotonic()
        step = {"kind": kind, "spec": spec, "digest": kept.stem, "work": str(self.work)}
        command = [sys.executable, __file__, json.dumps({**step, "roots": self._roots})]
        child = subprocess.run(
            command, env={**os.environ, **_THREADS}, stdout=subprocess.PIPE, check=True, text=True
        )
        record = json.loads(child.stdout.splitlines()[-1])
        record["wall_seconds"] = round(time.monotonic() - started, 1)
        part = kept.with_suffix(".part")
        part.write_text(json.dumps(record))
        part.replace(kept)
        print(f"{kept.stem[:12]} {kind:10} {_short(record)}", file=sys.stderr, flush=True)

    def _kept(self, kind: str, spec: Json) -> Path:
        from lghrec_compute.spec import SPECS, parse, spec_to_dict

        # digest of the resolved spec: after a change of a default, an older result belongs to another step
        resolved = spec_to_dict(parse(SPECS[kind], spec))
        text = json.dumps({"kind": kind, "spec": resolved}, sort_keys=True)
        return self.work / "results" / f"{hashlib.sha256(text.encode()).hexdigest()[:24]}.json"


def _short(record: Json) -> str:
    result = record["result"]
    shown = ("recall@20", "ndcg@20")
    figures = {name: round(value, 4) for name, value in result.get("metrics", {}).items() if name in shown}
    backbone = record["spec"].get("backbone", {}).get("name", "")
    return f"{backbone} {figures} {record['wall_seconds']} s"


def _step(step: Json) -> Json:
    """Run one step; this is the child process."""
    from lghrec_compute.artifacts import ArtifactStore
    from lghrec_compute.pipelines.context import RunContext
    from lghrec_compute.records import record_to_dict
    from lghrec_compute.spec import SPECS, parse, spec_to_dict
    from lghrec_compute.worker.code_digest import code_digest

    work, kind = Path(step["work"]), step["kind"]
    spec = parse(SPECS[kind], step["spec"])
    run_dir = work / "runs" / step["digest"]  # a training run that was stopped finds its checkpoints here
    run_dir.mkdir(parents=True, exist_ok=True)
    roots = (*map(Path, step["roots"]), work)
    context = RunContext(
        "bench", run_dir, work, ArtifactStore(work / "artifacts"), lambda _event: None, roots
    )
    result = importlib.import_module(f"lghrec_compute.pipelines.{kind}").run(spec, context)
    return {
        "kind": kind,
        "spec": step["spec"],
        "resolved_spec": spec_to_dict(spec),
        "code": code_digest(),
        "result": record_to_dict(result),
    }


if __name__ == "__main__":
    print(json.dumps(_step(json.loads(sys.argv[1]))))
