"""A full disk: the server rejects new runs, keeps running, and accepts runs when space is free again."""

from __future__ import annotations

import resource
import subprocess
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import grpc
from server_kit import SUCCEEDED, Server, refusal, serving, spawn, start_request


def refused_until(server: Server, free: Callable[[], object]) -> None:
    """Submit runs until the disk is full. Submit again after `free` has freed space."""
    accepted = []

    def submit_many() -> None:
        for i in range(2000):
            accepted.append(server.start(f"fill-{i}", labels={"filler": "x" * 500}).id)

    refused = refusal(submit_many)
    assert (refused.code, refused.detail.reason) == (grpc.StatusCode.RESOURCE_EXHAUSTED, "DISK_FULL")
    assert "free space" in refused.detail.metadata["hint"]
    server.preprocess.StartPreprocess(start_request("check", validate_only=True))
    free()
    last = server.start("after")
    assert {server.get(run_id).id for run_id in accepted} == set(accepted)
    assert server.finish(last.id).state == SUCCEEDED


def test_submits_are_refused_while_the_database_cannot_grow(tmp_path: Path):
    with serving(tmp_path) as server:
        server.finish(server.start("before").id)
        size = (tmp_path / "state.db-wal").stat().st_size
        limits = resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (size + 4096, limits[1]))
        refused_until(server, lambda: resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, limits))


def test_a_full_disk_is_refused_at_the_start_and_survived_later(tmp_path: Path):
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(disk)]
    if subprocess.run(mount, check=False, capture_output=True).returncode != 0:
        return  # only the superuser can mount; the test above covers the same with a limit
    try:
        with serving(disk) as server:
            fill(disk / "filler")
            refused_until(server, (disk / "filler").unlink)
        fill(disk / "filler")
        process = spawn(disk)
        _, err = process.communicate(timeout=20)
        assert process.returncode == 10
        assert err.count("\n") == 1
        assert "no space left on device" in err
    finally:
        subprocess.run(["umount", "-l", disk], check=True)


def fill(path: Path) -> None:
    """Fill the disk."""
    block = b"\0" * 4096
    with path.open("wb", buffering=0) as file, suppress(OSError):
        while file.write(block):
            pass
