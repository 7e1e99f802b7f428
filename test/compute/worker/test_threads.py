"""The number of threads of a run."""

from __future__ import annotations

import subprocess
import sys
import time

from lghrec_compute.machine import usable_cores
from lghrec_compute.worker.threads import SMALL_GRAPH_EDGES, choose_threads


def test_the_requested_number_is_used() -> None:
    assert choose_threads(3, edges=0).count == 3


def test_a_small_graph_gets_one_thread_and_the_log_says_why() -> None:
    choice = choose_threads(None, edges=80_000)
    assert choice.count == 1
    assert "80,000 interactions" in choice.reason


def test_a_large_graph_gets_at_most_the_cores_that_are_usable() -> None:
    assert 1 <= choose_threads(None, edges=SMALL_GRAPH_EDGES).count <= usable_cores()


def test_a_core_that_is_busy_does_not_count() -> None:
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(usable_cores())]
    try:
        time.sleep(0.5)
        assert choose_threads(None, edges=SMALL_GRAPH_EDGES).count == 1
    finally:
        for process in busy:
            process.kill()
            process.wait()
