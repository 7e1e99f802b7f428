"""The process of one run: is it alive, is it still the same one, how to end it and all its children.

A process is known by boot id, process id and start time, which it wrote down itself; the lock it holds on its
run's folder is the last word, because clocks jump.
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

from lghrec_compute import journal

RUN_DIR_VARIABLE = "LGHREC_RUN_DIR"
"""Set in every worker's environment and inherited by its children: finds them when all else is lost."""

_SAME_START_S = 2.0
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True)
class Identity:
    """What a worker has written about itself."""

    pid: int
    start_time: float
    boot_id: str


class WorkerProcess:
    """The worker of a run: started by this server (`child`), or found again in its folder.

    `booting` is one that an earlier server has started and that has not written down who it is.
    """

    def __init__(
        self, run_dir: Path, child: Popen[bytes] | None = None, booting: psutil.Process | None = None
    ) -> None:
        self._run_dir = run_dir
        self._child = child
        self._booting = booting
        self._identity: Identity | None = None
        known = child or booting
        self._seen_alive: int | None = known.pid if known else None
        self.exit_code: int | None = None

    def alive(self) -> bool:
        """Whether the worker still runs. A child of this server is reaped here."""
        if self._child is not None:
            self.exit_code = self._child.poll()
            if self.exit_code is None:
                return True
            if self.exit_code != journal.ALREADY_RUNNING:
                return False
            self._child = None  # an earlier worker has the run: it is the one to follow
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
        """Asks the worker to stop at its next step."""
        if (pid := self._pid()) is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGTERM)

    def kill(self) -> None:
        """Ends the worker and every process it has started, at once."""
        if self._seen_alive is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._seen_alive, signal.SIGKILL)  # it leads a session of its own
        kill_processes(self._run_dir)

    def _pid(self) -> int | None:
        return self._child.pid if self._child is not None else self._seen_alive


def read_identity(run_dir: Path) -> Identity | None:
    """What the worker wrote into its folder; None while it has not."""
    try:
        written = json.loads((run_dir / journal.WORKER).read_text())
        return Identity(int(written["pid"]), float(written["start_time"]), str(written["boot_id"]))
    except (FileNotFoundError, NotADirectoryError):
        return None


def worker_processes() -> dict[Path, list[psutil.Process]]:
    """Every worker process and child of one on this machine, by run folder. Costs about 50 us a process."""
    found: dict[Path, list[psutil.Process]] = {}
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            run_dir = process.environ().get(RUN_DIR_VARIABLE)
            if run_dir and process.pid != os.getpid():
                found.setdefault(Path(run_dir), []).append(process)
    return found


def booting_worker(run_dir: Path) -> psutil.Process | None:
    """A process that was started for this run, the eldest of its session."""
    found = [process for process in worker_processes().get(run_dir, []) if _is_live(process)]
    return min(found, key=lambda process: process.create_time(), default=None)


def kill_processes(run_dir: Path) -> None:
    """Ends every process that carries this run's folder in its environment."""
    for process in worker_processes().get(run_dir, []):
        with suppress(psutil.Error):
            process.kill()


def _is_running(identity: Identity) -> bool:
    if identity.boot_id != _boot_id():
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


def _is_locked(run_dir: Path) -> bool:
    try:
        with (run_dir / journal.LOCK).open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def _boot_id() -> str:
    try:
        return _BOOT_ID.read_text().strip()
    except OSError:
        return ""
