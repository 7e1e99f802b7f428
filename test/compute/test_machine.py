"""Facts about the machine, on Linux and where Linux's files and calls are absent."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from lghrec_compute import machine
from lghrec_compute.machine import boot_id, usable_cores

UUID = "1B4E28BA-2FA1-11D2-883F-0016D3CCA427"


@pytest.fixture
def no_linux(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """A machine without /proc, control groups and CPU affinity."""
    monkeypatch.setattr(machine, "_LINUX_BOOT_ID", tmp_path / "boot_id")
    monkeypatch.setattr(machine, "_CPU_QUOTA", tmp_path / "cpu.max")
    monkeypatch.delattr(os, "sched_getaffinity")
    boot_id.cache_clear()
    yield
    boot_id.cache_clear()


def test_the_boot_id_stays_the_same_and_is_that_of_other_processes():
    code = "from lghrec_compute.machine import boot_id; print(boot_id())"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == boot_id() != ""


def test_affinity_limits_the_usable_cores():
    core = min(os.sched_getaffinity(0))
    code = (
        f"import os; os.sched_setaffinity(0, {{{core}}});"
        "from lghrec_compute.machine import usable_cores; print(usable_cores())"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "1"


@pytest.mark.parametrize(("quota", "cores"), [("150000 100000", 1), ("max 100000", 3), ("50000 100000", 1)])
def test_the_quota_of_the_control_group_limits_the_usable_cores(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, quota: str, cores: int
):
    (tmp_path / "cpu.max").write_text(quota + "\n")
    monkeypatch.setattr(machine, "_CPU_QUOTA", tmp_path / "cpu.max")
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1, 2})
    assert usable_cores() == cores


@pytest.mark.usefixtures("no_linux")
def test_without_affinity_all_cores_are_usable():
    assert usable_cores() == os.cpu_count()


@pytest.mark.usefixtures("no_linux")
def test_macos_has_a_boot_session_uuid(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    sysctl = tmp_path / "sysctl"
    sysctl.write_text(f'#!/bin/sh\n[ "$*" = "-n kern.bootsessionuuid" ] && echo {UUID}\n')
    sysctl.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setattr(sys, "platform", "darwin")
    assert boot_id() == UUID


@pytest.mark.usefixtures("no_linux")
def test_another_system_is_known_by_its_start_time(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "platform", "sunos")
    assert boot_id() == str(int(psutil.boot_time()))
