"""The queue of runs: first in, first out, with a limit on the number of runs that work at the same time.

The limit counts supervisors. A supervisor ends only after its worker process has ended, so no worker runs
outside of the limit.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from lghrec_compute.errors import DiskError
from lghrec_compute.server.clock import now_ms
from lghrec_compute.server.logs import log
from lghrec_compute.server.runs.orphans import sweep
from lghrec_compute.server.runs.supervisor import Runtime, Supervisor
from lghrec_compute.server.store import RunRow, active_runs, get_run, start_next

_RETRY_S = 1.0
_SWEEP_S = 60.0


class Scheduler:
    """Starts queued runs and keeps one supervisor for each run that has not ended."""

    def __init__(self, runtime: Runtime, max_concurrent_runs: int) -> None:
        self._runtime = runtime
        self._max = max_concurrent_runs
        self._supervisors: dict[str, Supervisor] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._wake = asyncio.Event()

    async def start(self) -> None:
        """Supervise the runs that an earlier server started, then start the queued runs."""
        for run in await self._runtime.database.read(active_runs):
            log.info("found a run of an earlier server", run_id=run.id, state=run.state)
            self._supervise(run, fresh=False)
        self._spawn(self._work_queue())
        self._spawn(self._sweep())
        self.wake()

    def wake(self) -> None:
        """Report that a run has been queued."""
        self._wake.set()

    def run_changed(self, run_id: str) -> None:
        """Report that the row of a run has changed, for example because a client requested a cancel."""
        if run_id in self._supervisors:
            self._supervisors[run_id].run_changed()
        self._runtime.notifier.notify(run_id)

    async def stop(self) -> None:
        """Stop supervising. The workers continue."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _work_queue(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            try:
                while len(self._supervisors) < self._max:
                    run = await self._runtime.database.write(start_next, now_ms())
                    if run is None:
                        break
                    self._runtime.notifier.notify(run.id)
                    self._supervise(run, fresh=True)
            except Exception as error:
                _report("cannot start the next run", error)
                asyncio.get_running_loop().call_later(_RETRY_S, self.wake)

    def _supervise(self, run: RunRow, *, fresh: bool) -> None:
        self._supervisors[run.id] = Supervisor(run, self._runtime)
        self._spawn(self._keep_supervising(run, fresh=fresh))

    async def _keep_supervising(self, run: RunRow, *, fresh: bool) -> None:
        """Supervise a run to its end. After an error of this server, start again from the stored state."""
        while True:
            try:
                await self._supervisors[run.id].supervise(fresh=fresh)
                break
            except Exception as error:
                _report("supervision failed, trying again", error, run_id=run.id)
                await asyncio.sleep(_RETRY_S)
                fresh = False
                self._supervisors[run.id] = await self._reloaded(run)
        del self._supervisors[run.id]
        self.wake()

    async def _reloaded(self, run: RunRow) -> Supervisor:
        try:
            run = await self._runtime.database.read(get_run, run.id)
        except Exception as error:
            _report("cannot read a run", error, run_id=run.id)
        return Supervisor(run, self._runtime)

    async def _sweep(self) -> None:
        while True:
            try:
                await sweep(self._runtime.database, self._runtime.data_dir)
            except Exception as error:
                _report("cannot sweep", error)
            await asyncio.sleep(_SWEEP_S)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _report(what: str, error: Exception, **facts: str) -> None:
    if isinstance(error, DiskError):
        # A full disk repeats this every second, so it is logged without a traceback.
        log.warning(what, reason=error.message, **facts)
    else:
        log.error(what, exc_info=error, **facts)
