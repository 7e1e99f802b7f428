"""Writes files that are either complete or missing after a crash, and turns disk errors into errors with a
cure."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from lghrec_compute.errors import DiskError

_CURES = {
    errno.ENOSPC: "free space on the disk of the data directory",
    errno.EDQUOT: "free space or raise the quota",
    errno.EROFS: "use a writable data directory",
    errno.EACCES: "give the server's user write permission",
}


@contextmanager
def disk_errors(what: str) -> Iterator[None]:
    """Turn a full or read-only disk into `DiskError`. `what` names the written object. Other errors pass."""
    try:
        yield
    except OSError as error:
        if isinstance(error, DiskError) or error.errno not in _CURES:
            raise
        reason = os.strerror(error.errno or 0).lower()
        raise DiskError(f"cannot write {what}: {reason}", hint=_CURES[error.errno or 0]) from error


def fsync_path(path: Path) -> None:
    """Force a file's bytes, or a folder's entries, to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_atomic(path: Path, data: bytes) -> None:
    """Write a whole file by a rename after fsync. A reader sees either the old bytes or the new ones."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    with disk_errors(path.name):
        try:
            temporary.write_bytes(data)
            fsync_path(temporary)
            temporary.replace(path)
            fsync_path(path.parent)
        except BaseException:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
            raise


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file, 64 hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
