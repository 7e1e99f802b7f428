"""The job a server leaves in a run's folder, and the proof of which process works on it."""

from __future__ import annotations

import fcntl
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import psutil

from lghrec_compute.artifacts import write_atomic
from lghrec_compute.json_types import Json, canonical_json
from lghrec_compute.layout import DataDir, RunDir
from lghrec_compute.machine import boot_id
from lghrec_compute.spec import SPECS, Spec, parse


@dataclass(frozen=True)
class RunJob:
    """What to do: `spec` is the whole resolved spec, `reuse` allows stored outputs of the same work."""

    run_id: str
    kind: str
    spec: Spec
    reuse: bool
    run_dir: RunDir
    data_dir: DataDir
    import_roots: tuple[Path, ...]


def load_job(run_dir: RunDir) -> RunJob:
    """Reads job.json of a run's folder."""
    job: Json = json.loads(run_dir.job.read_text())
    return RunJob(
        run_id=job["run_id"],
        kind=job["kind"],
        spec=parse(SPECS[job["kind"]], job["spec"]),
        reuse=job["reuse"],
        run_dir=run_dir,
        data_dir=DataDir(Path(job["data_dir"])),
        import_roots=tuple(Path(root) for root in job["import_roots"]),
    )


def take_lock(run_dir: RunDir) -> IO[bytes] | None:
    """Takes the run's lock for the life of this process; None if another worker holds it."""
    file = run_dir.lock.open("ab")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file


def write_identity(run_dir: RunDir) -> None:
    """Writes who works on the run: a process id alone may name another process after a reboot or a wrap."""
    identity = {
        "pid": os.getpid(),
        "start_time": psutil.Process().create_time(),
        "boot_id": boot_id(),
    }
    write_atomic(run_dir.worker, canonical_json(identity).encode())
