"""The server's own log: one JSON object a line, on stderr."""

from __future__ import annotations

import logging
import sys
from typing import Any

import structlog

from lghrec_compute.server.text import clean

log: Any = structlog.get_logger("lghrec")


def configure_logs() -> None:
    """Sends this server's and its libraries' records to stderr. Call once, in `main`."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _clean_values,
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    logging.basicConfig(level=logging.WARNING, handlers=[_ToStructlog()], force=True)


def _clean_values(_: Any, __: str, record: Any) -> Any:
    return {key: clean(value) if isinstance(value, str) else value for key, value in record.items()}


class _ToStructlog(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        level = record.levelname.lower()
        write = getattr(log, level, log.error)
        write(record.getMessage(), logger=record.name, exc_info=record.exc_info or None)
