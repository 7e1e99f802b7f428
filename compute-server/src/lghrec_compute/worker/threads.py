"""How many threads a run computes with.

Two OpenMP threads beside one busy core run 10 to 100 times slower than one thread: barriers spin while a
thread waits for a core. So only cores that are free count, and a small graph gets one thread.
"""

from __future__ import annotations

import math
import os
from dataclasses import dataclass

import psutil

from lghrec_compute.machine import usable_cores

SMALL_GRAPH_EDGES = 1_000_000
_SAMPLE_S = 0.1


@dataclass(frozen=True)
class ThreadChoice:
    """The number, and why, for the run's log."""

    count: int
    reason: str


def choose_threads(asked: int | None, *, edges: int) -> ThreadChoice:
    """The number asked for; else 1 below a million edges, else the cores that are free now."""
    if asked is not None:
        return ThreadChoice(asked, "asked for in the spec")
    if edges < SMALL_GRAPH_EDGES:
        return ThreadChoice(1, f"{edges:,} interactions are too few to share between threads")
    usable = usable_cores()
    busy = psutil.cpu_percent(interval=_SAMPLE_S) / 100 * (psutil.cpu_count() or 1)
    count = max(1, math.floor(usable - busy + 0.25))
    return ThreadChoice(count, f"{usable} cores usable, {busy:.1f} busy")


def apply_threads(count: int) -> None:
    """Sets every pool's size; call it before numpy, torch or polars are imported."""
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "POLARS_MAX_THREADS"):
        os.environ[name] = str(count)
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
