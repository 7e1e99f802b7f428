"""A file system that is really full: a small tmpfs, which only root can mount."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest


@contextmanager
def _tmpfs(parent: Path, *, bytes_free: int) -> Iterator[Path]:
    folder = parent / "small-disk"
    folder.mkdir()
    mounted = (
        os.geteuid() == 0
        and not subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={bytes_free}", "tmpfs", str(folder)],
            capture_output=True,
            check=False,
        ).returncode
    )
    if not mounted:
        pytest.skip("a full disk needs the right to mount a small tmpfs, which this user or container lacks")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.fixture
def full_disk() -> Callable[..., AbstractContextManager[Path]]:
    """`with full_disk(parent, bytes_free=n) as folder:` gives a folder on a file system of n bytes."""
    return _tmpfs
