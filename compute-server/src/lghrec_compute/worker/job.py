"""The job that the server writes to a run's folder, and the identity of the worker that runs it."""

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
    """The work of a worker.

    `spec` is the complete resolved spec. `reuse` allows stored outputs of the same work as the result.
    """

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
    """Acquires the run's lock until this process ends. Returns None if another worker holds the lock."""
    file = run_dir.lock.open("ab")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file


def write_identity(run_dir: RunDir) -> None:
    """Writes the identity of this process to the run's folder.

    The process id alone is not enough: after a reboot, or when ids start again, it may be that of another
    process.
    """
    identity = {
        "pid": os.getpid(),
        "start_time": psutil.Process().create_time(),
        "boot_id": boot_id(),
    }
    write_atomic(run_dir.worker, canonical_json(identity).encode())
