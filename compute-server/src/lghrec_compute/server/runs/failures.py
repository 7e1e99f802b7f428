"""Failures that the server reports for a run because its worker cannot report them."""

from __future__ import annotations

import signal
from pathlib import Path

from lghrec_compute.errors import DiskError, IntegrityError
from lghrec_compute.events import Failure
from lghrec_compute.layout import RunDir
from lghrec_compute.server.runs.journal_reader import clean_failure

_TRACEBACK = "Traceback (most recent call last)"
_LOG_END = 64 * 1024
_MEMORY_HINT = (
    "a usual cause is the system's out-of-memory killer: read the system's log, free memory, or use smaller "
    "batches or embeddings"
)


def worker_lost(run_dir: RunDir, exit_code: int | None) -> Failure:
    """Return the failure of a run whose worker ended without a final journal record.

    `exit_code` is None if an earlier server started the worker.
    """
    return clean_failure(
        Failure(
            "worker_lost",
            f"the worker process ended unexpectedly{_how(exit_code)}",
            traceback=_last_traceback(run_dir.log),
            hint=_MEMORY_HINT,
        )
    )


def not_started(error: OSError) -> Failure:
    """Return the failure of a run for which no worker could be started."""
    kind = error.failure_kind if isinstance(error, DiskError) else "internal"
    hint = error.hint if isinstance(error, DiskError) else "read the server's log"
    return clean_failure(Failure(kind, f"cannot start a worker: {error}", hint=hint))


def broken_journal(error: IntegrityError) -> Failure:
    """Return the failure of a run whose journal cannot be read."""
    hint = "check the disk and the server's log, then start the run again"
    return clean_failure(Failure("internal", str(error), hint=hint))


def _how(exit_code: int | None) -> str:
    if exit_code is None:
        return ""
    if exit_code < 0:
        return f": killed by {signal.Signals(-exit_code).name}"
    return f": exit code {exit_code}"


def _last_traceback(log: Path) -> str:
    try:
        with log.open("rb") as file:
            file.seek(max(file.seek(0, 2) - _LOG_END, 0))
            text = file.read().decode(errors="replace")
    except OSError:
        return ""
    start = text.rfind(_TRACEBACK)
    return text[start:] if start >= 0 else ""
