"""What SQLite says, as errors of this package."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError

from lghrec_compute.errors import DiskError, IntegrityError

_DISK = (
    "SQLITE_FULL",
    "SQLITE_IOERR_WRITE",
    "SQLITE_IOERR_FSYNC",
    "SQLITE_IOERR_TRUNCATE",
    "SQLITE_IOERR_SHMSIZE",
    "SQLITE_CANTOPEN",
    "SQLITE_READONLY",
)
_DAMAGED = ("SQLITE_NOTADB", "SQLITE_CORRUPT")


@contextmanager
def database_errors() -> Iterator[None]:
    """Turns a full or read-only disk into `DiskError`, a damaged file into `IntegrityError`; others pass."""
    try:
        yield
    except DBAPIError as error:
        name = getattr(error.orig, "sqlite_errorname", "")
        if name.startswith(_DAMAGED):
            raise IntegrityError(
                f"state.db cannot be read: {error.orig}",
                hint="put a copy back, or use another data directory",
            ) from error
        if not name.startswith(_DISK):
            raise
        raise DiskError(
            f"cannot write state.db: {error.orig}", hint="free space on the disk of the data directory"
        ) from error
