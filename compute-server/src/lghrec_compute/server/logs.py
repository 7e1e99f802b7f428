"""The server's own log: one JSON object per line, on stderr.

A thread writes the lines. The process that started the server may have stopped reading them or may have
ended, and neither may delay or break a call. Lines that do not fit into the queue are dropped.
"""

from __future__ import annotations

import logging
import os
import queue
import threading
from contextlib import suppress
from typing import Any

import structlog

from lghrec_compute.server.text import clean

_MAX_WAITING = 10_000
_FLUSH_S = 0.5

log: Any = structlog.get_logger("lghrec")


def configure_logs() -> None:
    """Send the records of this server and of its libraries to stderr. Call it once, in `main`."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _clean_values,
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=lambda *_: _logger,
    )
    logging.basicConfig(level=logging.WARNING, handlers=[_ToStructlog()], force=True)


def flush_logs() -> None:
    """Wait until all lines are written, at most 0.5 s: the reader of stderr may have stopped reading."""
    _logger.flush()


class _StderrLogger:
    """The sink of structlog, which calls the method with the name of the level for each finished line."""

    def __init__(self) -> None:
        self._lines: queue.Queue[str | threading.Event] = queue.Queue(_MAX_WAITING)
        self._thread = threading.Thread(target=self._write, name="log", daemon=True)

    def msg(self, line: str) -> None:
        if not self._thread.is_alive():
            self._thread.start()
        with suppress(queue.Full):
            self._lines.put_nowait(line)

    debug = info = warning = error = critical = msg

    def flush(self) -> None:
        done = threading.Event()
        if self._thread.is_alive():
            with suppress(queue.Full):
                self._lines.put_nowait(done)
                done.wait(_FLUSH_S)

    def _write(self) -> None:
        while True:
            line = self._lines.get()
            if isinstance(line, threading.Event):
                line.set()
                continue
            with suppress(OSError):  # not sys.stderr, whose lock could delay the exit
                os.write(2, line.encode() + b"\n")


_logger = _StderrLogger()


def _clean_values(_: Any, __: str, record: Any) -> Any:
    return {key: clean(value) if isinstance(value, str) else value for key, value in record.items()}


class _ToStructlog(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        write = getattr(log, record.levelname.lower(), log.error)
        write(record.getMessage(), logger=record.name, exc_info=record.exc_info or None)
