"""Reports the progress of a pipeline's phases."""

from __future__ import annotations

import time
from collections.abc import Callable

from lghrec_compute.events import Progress
from lghrec_compute.pipelines.context import RunContext


def ticker(context: RunContext, phase: str) -> Callable[[int, int], None]:
    """Returns a function `tick(done, total)` for a phase.

    It emits the progress with an estimate of the remaining time. It raises `RunCancelled` after a request to
    stop.
    """
    start = time.monotonic()

    def tick(done: int, total: int) -> None:
        context.check_stop()
        seconds = time.monotonic() - start
        eta_ms = round(seconds / done * (total - done) * 1000) if done and total else None
        context.emit(Progress(phase, done, total, eta_ms))

    return tick
