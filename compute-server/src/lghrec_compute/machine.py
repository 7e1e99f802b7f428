"""Facts about the machine that operating systems report in different ways."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import psutil

_LINUX_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_CPU_QUOTA = Path("/sys/fs/cgroup/cpu.max")


@cache
def boot_id() -> str:
    """Return a text that is different after each start of the operating system.

    Linux has a boot id and macOS a boot session UUID. Elsewhere it is the start time in seconds, which moves
    when the clock is set.
    """
    if _LINUX_BOOT_ID.is_file():
        return _LINUX_BOOT_ID.read_text().strip()
    if sys.platform == "darwin":
        command = ["sysctl", "-n", "kern.bootsessionuuid"]
        found = subprocess.run(command, capture_output=True, text=True, check=False)
        if found.returncode == 0:
            return found.stdout.strip()
    return str(int(psutil.boot_time()))


def usable_cores() -> int:
    """Return the number of CPU cores that this process may use.

    On Linux it respects the CPU affinity of the process and the quota of its control group. macOS has
    neither: the number is that of all cores.
    """
    affinity = getattr(os, "sched_getaffinity", None)
    cores = len(affinity(0)) if affinity is not None else os.cpu_count() or 1
    if _CPU_QUOTA.is_file():
        limit, _, period = _CPU_QUOTA.read_text().strip().partition(" ")
        if limit != "max":
            cores = min(cores, max(1, int(limit) // int(period)))
    return cores
