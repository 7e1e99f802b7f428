"""The process of one run: whether it is alive and still the same process, and how to end it and its children.

A worker writes its boot id, process id and start time into its run's folder, which identifies it. Clocks may
jump, so a process that does not match is still considered alive while the folder is locked.
"""

from __future__ import annotations

import fcntl
import json
import os
import signal
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from subprocess import Popen

import psutil

from lghrec_compute.journal import ALREADY_RUNNING
from lghrec_compute.layout import RunDir
from lghrec_compute.machine import boot_id

RUN_DIR_VARIABLE = "LGHREC_RUN_DIR"
"""Environment variable of every worker and its children. It identifies them if nothing else does."""

_SAME_START_S = 2.0


@dataclass(frozen=True)
class Identity:
    """The identity that a worker writes into its run's folder."""

    pid: int
    start_time: float
    boot_id: str


class WorkerProcess:
    """The worker of a run, started by this server (`child`) or found through the run's folder.

    `booting` is a process that an earlier server started and that has not written its identity yet.
    """

    def __init__(
        self, run_dir: RunDir, child: Popen[bytes] | None = None, booting: psutil.Process | None = None
    ) -> None:
        self._run_dir = run_dir
        self._child = child
        self._booting = booting
        self._identity: Identity | None = None
        known = child or booting
        self._seen_alive: int | None = known.pid if known else None
        self.exit_code: int | None = None

    def alive(self) -> bool:
        """Return whether the worker still runs. Reaps a child of this server."""
        if self._child is not None:
            self.exit_code = self._child.poll()
            if self.exit_code is None:
                return True
            if self.exit_code != ALREADY_RUNNING:
                return False
            self._child = None  # an earlier worker holds the lock: this object follows that one from now on
        self._identity = self._identity or read_identity(self._run_dir)
        alive = self._is_identified() or _is_locked(self._run_dir)
        if alive and self._identity is not None:
            self._seen_alive = self._identity.pid
        return alive

    def _is_identified(self) -> bool:
        if self._identity is not None:
            return _is_running(self._identity)
        return self._booting is not None and _is_live(self._booting)

    def terminate(self) -> None:
        """Send SIGTERM: the worker stops after its current step."""
        if (pid := self._pid()) is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGTERM)

    def kill(self) -> None:
        """Kill the worker and every process that it started."""
        if self._seen_alive is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._seen_alive, signal.SIGKILL)  # the worker leads its own process group
        kill_processes(self._run_dir)

    def _pid(self) -> int | None:
        return self._child.pid if self._child is not None else self._seen_alive


def read_identity(run_dir: RunDir) -> Identity | None:
    """Return the identity in a run's folder, None if the worker has not written it yet."""
    try:
        written = json.loads(run_dir.worker.read_text())
        return Identity(int(written["pid"]), float(written["start_time"]), str(written["boot_id"]))
    except (FileNotFoundError, NotADirectoryError):
        return None


def worker_processes() -> dict[Path, list[psutil.Process]]:
    """Return every worker process on this machine and its children, by run folder.

    Costs about 50 us per process of the machine.
    """
    found: dict[Path, list[psutil.Process]] = {}
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            run_dir = process.environ().get(RUN_DIR_VARIABLE)
            if run_dir and process.pid != os.getpid():
                found.setdefault(Path(run_dir), []).append(process)
    return found


def booting_worker(run_dir: RunDir) -> psutil.Process | None:
    """Return the oldest live process that was started for this run, None if there is none."""
    found = [process for process in worker_processes().get(run_dir.path, []) if _is_live(process)]
    return min(found, key=lambda process: process.create_time(), default=None)


def kill_processes(run_dir: RunDir) -> None:
    """Kill every process that has this run's folder in its environment."""
    for process in worker_processes().get(run_dir.path, []):
        with suppress(psutil.Error):
            process.kill()


def _is_running(identity: Identity) -> bool:
    if identity.boot_id != boot_id():
        return False
    try:
        process = psutil.Process(identity.pid)
        return abs(process.create_time() - identity.start_time) < _SAME_START_S and _is_live(process)
    except psutil.Error:
        return False


def _is_live(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def _is_locked(run_dir: RunDir) -> bool:
    try:
        with run_dir.lock.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False
