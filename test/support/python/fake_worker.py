"""A worker that writes a journal and computes nothing: `python -m fake_worker <run folder>`.

It reads its script from `<data dir>/fake/<seed>.json`, with the seed of the run's spec. With `hold_at`, it
waits before that step until `<data dir>/fake/<seed>.go` exists.
"""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil

from lghrec_compute.artifacts import write_atomic
from lghrec_compute.events import (
    CheckpointStored,
    Event,
    Failure,
    Finished,
    Log,
    Metric,
    Progress,
    StateChanged,
    event_to_dict,
)
from lghrec_compute.journal import ALREADY_RUNNING, frame
from lghrec_compute.layout import RunDir
from lghrec_compute.machine import boot_id
from lghrec_compute.results import ArtifactRef, PreprocessResult, RunResult, TrainResult

ARTIFACT = ArtifactRef("ab" * 32, "dataset", 7)
RESULTS = {
    "preprocess": PreprocessResult(dataset=ARTIFACT),
    "train": TrainResult(ARTIFACT, 1, 1, {}, 0.5, "cpu", 1),
}


class Journal:
    """Appends records to the journal of a run."""

    def __init__(self, run_dir: RunDir) -> None:
        self._file = run_dir.journal.open("ab", buffering=0)
        self._lseq = 0

    def emit(self, event: Event) -> None:
        """Append one event as a complete record."""
        self._lseq += 1
        self._file.write(frame(self._lseq, time.time_ns() // 1_000_000, event_to_dict(event)))

    def raw(self, data: bytes) -> None:
        """Append bytes unchanged."""
        self._file.write(data)


def main(run_dir: RunDir) -> int:
    job = json.loads(run_dir.job.read_text())
    spec = job["spec"]
    seed = spec.get("seed", spec.get("split", {}).get("seed", 0))
    script = Path(job["data_dir"]) / "fake" / f"{seed}.json"
    act = json.loads(script.read_text()) if script.exists() else {}
    act["gate"] = script.with_suffix(".go")

    stopped: list[int] = []
    handler = signal.SIG_IGN if act.get("ignore_term") else (lambda number, _: stopped.append(number))
    signal.signal(signal.SIGTERM, handler)
    time.sleep(act.get("boot_s", 0))

    lock = run_dir.lock.open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return ALREADY_RUNNING
    (run_dir.path / "starts").open("a").write("x")
    (run_dir.path / "environment.json").write_text(json.dumps(dict(os.environ)))
    me = {"pid": os.getpid(), "start_time": psutil.Process().create_time(), "boot_id": boot_id()}
    write_atomic(run_dir.worker, json.dumps(me).encode())
    return _work(run_dir, job["kind"], act, Journal(run_dir), stopped)


def _work(run_dir: RunDir, kind: str, act: dict[str, Any], journal: Journal, stopped: list[int]) -> int:
    if act.get("child"):
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        (run_dir.path / "child").write_text(str(child.pid))
    journal.emit(StateChanged("running"))
    for step in range(1, act.get("steps", 3) + 1):
        if stopped and not act.get("late_success"):
            journal.emit(Finished("cancelled"))
            return 0
        while step == act.get("hold_at") and not act["gate"].exists():
            time.sleep(0.01)
        journal.emit(Progress("work", step, act.get("steps", 3)))
        journal.emit(Metric("loss/total", 1 / step, step))
        journal.emit(CheckpointStored(f"e{step}", step, "0" * 64))
        time.sleep(act.get("step_s", 0))
    return _end(kind, act, journal)


def _end(kind: str, act: dict[str, Any], journal: Journal) -> int:
    match act.get("end", "succeed"):
        case "crash":
            os.kill(os.getpid(), signal.SIGKILL)
        case "raise":
            raise RuntimeError("out of luck")
        case "fail":
            failure = Failure("nan", "loss is nan at step 3\x1b[31m", traceback="Traceback")
            journal.emit(Finished("failed", failure=failure))
        case "checksum":
            journal.raw(b"00000000 {}\n")
            time.sleep(600)
        case "unknown":
            journal.raw(frame(1_000, 0, {"surprise": {}}))
            time.sleep(600)
        case "torn":
            last = frame(1_000, 0, event_to_dict(Log("never whole")))
            journal.raw(last[: len(last) // 2])
        case _:
            journal.emit(Finished("succeeded", result=RunResult.of(kind, RESULTS[kind])))
    time.sleep(act.get("linger_s", 0))
    return 0


if __name__ == "__main__":
    sys.exit(main(RunDir(Path(sys.argv[1]))))
