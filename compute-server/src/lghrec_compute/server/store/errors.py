"""What SQLite says, as errors of this package."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError

from lghrec_compute.errors import DiskError

_DISK = (
    "SQLITE_FULL",
    "SQLITE_IOERR_WRITE",
    "SQLITE_IOERR_FSYNC",
    "SQLITE_IOERR_TRUNCATE",
    "SQLITE_IOERR_SHMSIZE",
    "SQLITE_CANTOPEN",
    "SQLITE_READONLY",
)


@contextmanager
def database_errors() -> Iterator[None]:
    """Turns a full or read-only disk into `DiskError`; other errors pass."""
    try:
        yield
    except DBAPIError as error:
        name = getattr(error.orig, "sqlite_errorname", "")
        if not name.startswith(_DISK):
            raise
        raise DiskError(
            f"cannot write state.db: {error.orig}", hint="free space on the disk of the data directory"
        ) from error
