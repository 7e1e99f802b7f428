"""Chooses the number of threads of a run.

If another process uses one of two cores, two OpenMP threads are 10 to 100 times slower than one thread,
because a barrier spins while a thread waits for a core. Therefore only free cores count, and a small graph
gets one thread.
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
    """The number of threads, and the reason for the run's log."""

    count: int
    reason: str


def choose_threads(requested: int | None, *, edges: int) -> ThreadChoice:
    """Returns the requested number of threads.

    If `requested` is None, it returns 1 below a million edges, and otherwise the number of cores that are
    free now.
    """
    if requested is not None:
        return ThreadChoice(requested, "requested in the spec")
    if edges < SMALL_GRAPH_EDGES:
        return ThreadChoice(1, f"{edges:,} interactions are too few for more than one thread")
    usable = usable_cores()
    busy = psutil.cpu_percent(interval=_SAMPLE_S) / 100 * (psutil.cpu_count() or 1)
    count = max(1, math.floor(usable - busy + 0.25))
    return ThreadChoice(count, f"{usable} cores are usable, and {busy:.1f} of them are busy")


def apply_threads(count: int) -> None:
    """Sets the size of every thread pool. Call it before the first import of numpy, torch or polars."""
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "POLARS_MAX_THREADS"):
        os.environ[name] = str(count)
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
