"""Starts workers: job file, clean environment, separate session, output into the log of the run."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Collection, Mapping
from pathlib import Path

from lghrec_compute.artifacts import disk_errors, write_atomic
from lghrec_compute.endpoints import VARIABLE
from lghrec_compute.json_types import canonical_json
from lghrec_compute.layout import DataDir, RunDir
from lghrec_compute.server.endpoints import Endpoints
from lghrec_compute.server.runs.process import (
    RUN_DIR_VARIABLE,
    WorkerProcess,
    booting_worker,
    read_identity,
)
from lghrec_compute.server.store import RunRow

_ALLOWED = frozenset(
    {
        "HOME", "LANG", "LANGUAGE", "LD_LIBRARY_PATH", "LOGNAME", "PATH", "PYTHONPATH", "SHELL", "TMPDIR",
        "TZ", "USER", "VIRTUAL_ENV", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NO_PROXY", "no_proxy",
        "HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "SSL_CERT_FILE",
        "LGHREC_OFFLINE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "CUBLAS_WORKSPACE_CONFIG",
    }
)  # fmt: skip
_ALLOWED_PREFIXES = ("CUDA_", "HF_", "LC_", "NVIDIA_", "PIP_", "PYTORCH_", "TORCH_", "XDG_")


def worker_environment(
    environment: Mapping[str, str], run_dir: RunDir, also: Collection[str] = ()
) -> dict[str, str]:
    """Return the environment of a worker: a part of the server's, without its token and settings.

    `also` names further variables to pass on, for example the one with the key that this run needs.
    """
    allowed = {
        key: value
        for key, value in environment.items()
        if key in _ALLOWED or key in also or key.startswith(_ALLOWED_PREFIXES)
    }
    return {**allowed, "PYTHONUNBUFFERED": "1", RUN_DIR_VARIABLE: str(run_dir.path)}


class Launcher:
    """Starts the worker of a run, or finds the worker that an earlier server started."""

    def __init__(
        self, data_dir: DataDir, import_roots: tuple[Path, ...], worker_module: str, *, endpoints: Endpoints
    ) -> None:
        self._data_dir = data_dir
        self._endpoints = endpoints
        self._import_roots = import_roots
        self._worker_module = worker_module

    def launch(self, run: RunRow) -> WorkerProcess:
        """Start a worker.

        Raises `DiskError` if the run's folder cannot be written, `OSError` if the process cannot start. A
        second call for one run is safe: the second worker finds the folder locked and exits.
        """
        run_dir = self._data_dir.run(run.id)
        with disk_errors("the run's folder"):
            run_dir.path.mkdir(parents=True, exist_ok=True)
            write_atomic(run_dir.job, canonical_json(self._job(run)).encode())
            with run_dir.log.open("ab") as log:
                child = subprocess.Popen(
                    # -P: a module in the current folder must not shadow a library
                    [sys.executable, "-P", "-m", self._worker_module, str(run_dir.path)],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    cwd=run_dir.path,
                    env=self._environment(run, run_dir),
                    start_new_session=True,
                )
        return WorkerProcess(run_dir, child)

    def adopt(self, run: RunRow) -> WorkerProcess:
        """Return the worker that an earlier server started."""
        return WorkerProcess(self._data_dir.run(run.id))

    def adopt_or_launch(self, run: RunRow) -> WorkerProcess:
        """Find or start the worker of a run that is in state "starting" after a restart of the server.

        The lock of the run's folder is not enough to exclude a second worker: one that starts slowly could
        find the lock free after the first one has finished, and would do the work again.
        """
        run_dir = self._data_dir.run(run.id)
        if (booting := booting_worker(run_dir)) is not None:
            return WorkerProcess(run_dir, booting=booting)
        return self.adopt(run) if read_identity(run_dir) is not None else self.launch(run)

    def _environment(self, run: RunRow, run_dir: RunDir) -> dict[str, str]:
        key = self._endpoints.key_variables(run.spec)
        return worker_environment(os.environ, run_dir, key) | {VARIABLE: str(self._endpoints.path)}

    def _job(self, run: RunRow) -> dict[str, object]:
        return {
            "run_id": run.id,
            "kind": run.kind,
            "spec": run.spec,
            "reuse": run.reuse,
            "data_dir": str(self._data_dir.path),
            "import_roots": [str(root) for root in self._import_roots],
        }
