"""Opens the data directory: creates its folders, and takes the lock that excludes a second server."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from lghrec_compute.artifacts import disk_errors, write_atomic
from lghrec_compute.errors import DiskError
from lghrec_compute.layout import DataDir


def open_data_dir(root: Path) -> tuple[DataDir, int]:
    """Create the folders, check that they can be written, and take the lock.

    Return the directory and the descriptor of the lock, which is held while the descriptor is open. Raises
    `DiskError` for a directory that cannot be used.
    """
    folder = DataDir(root)
    try:
        with disk_errors(str(root)):
            for path in (root, folder.artifacts, folder.runs, folder.uploads, folder.imports):
                path.mkdir(parents=True, exist_ok=True)
            lock = _lock(folder.lock)
            # Large enough to need a block of its own: an empty file fits on a full disk.
            write_atomic(root / "write-test", b"\0" * 65_536)
            (root / "write-test").unlink()
    except DiskError:
        raise
    except OSError as error:
        reason = os.strerror(error.errno or 0).lower()
        raise DiskError(f"cannot use {root} as data directory: {reason}") from error
    return folder, lock


def _lock(path: Path) -> int:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.read(descriptor, 32).decode(errors="replace").strip()
        os.close(descriptor)
        raise DiskError(
            f"{path.parent} is in use by another server, process {holder}",
            hint="stop that server, or use another data directory",
        ) from None
    os.ftruncate(descriptor, 0)
    os.write(descriptor, str(os.getpid()).encode())
    return descriptor
