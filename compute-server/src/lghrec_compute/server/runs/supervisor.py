"""One run from its start to its end: starts or finds the worker, reads its journal, stops it.

The end of a run is published only after its worker process has ended, so that its memory is free and its
files are complete. A supervisor keeps no state that matters: after a crash, the next one continues from the
database and the run's folder.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, replace

from lghrec_compute.errors import IntegrityError
from lghrec_compute.events import Failure, Finished, WarningRaised
from lghrec_compute.layout import DataDir
from lghrec_compute.server.clock import now_ms
from lghrec_compute.server.logs import log
from lghrec_compute.server.runs import failures
from lghrec_compute.server.runs.journal_reader import read_records
from lghrec_compute.server.runs.launcher import Launcher
from lghrec_compute.server.runs.notifier import Notifier
from lghrec_compute.server.runs.process import WorkerProcess
from lghrec_compute.server.store import Database, RunRow, end_run, get_run, ingest


@dataclass(frozen=True)
class Runtime:
    """The objects and settings that all supervisors share."""

    database: Database
    notifier: Notifier
    launcher: Launcher
    data_dir: DataDir
    grace_s: float
    poll_s: float


class Supervisor:
    """Supervises one run until it has ended."""

    def __init__(self, run: RunRow, runtime: Runtime) -> None:
        self._run = run
        self._runtime = runtime
        self._dir = runtime.data_dir.run(run.id)
        self._wake = asyncio.Event()
        self._deadline: float | None = None
        """Time at which the worker is killed: set by a requested stop and by the final journal record."""
        self._killed = False

    def run_changed(self) -> None:
        """Report that another part of the server has changed the run's row."""
        self._wake.set()

    async def supervise(self, *, fresh: bool) -> None:
        """Return when the run has ended. `fresh` means that no worker has been started for it yet."""
        try:
            worker = await asyncio.to_thread(self._worker, fresh)
        except OSError as error:
            log.error("cannot start a worker", run_id=self._run.id, exc_info=error)
            await self._end(Finished("failed", failure=failures.not_started(error)))
            return
        while not self._run.terminal:
            await self._step(worker)
        log.info("run ended", run_id=self._run.id, state=self._run.state, exit_code=worker.exit_code)

    def _worker(self, fresh: bool) -> WorkerProcess:
        """Start or find the worker. An earlier server may have died before or after it started one."""
        launcher = self._runtime.launcher
        if fresh:
            return launcher.launch(self._run)
        if self._run.state == "starting":
            return launcher.adopt_or_launch(self._run)
        return launcher.adopt(self._run)

    async def _step(self, worker: WorkerProcess) -> None:
        # Checked before the journal is read: after the end of the process, no record is added.
        alive = await asyncio.to_thread(worker.alive)
        try:
            await self._ingest_journal(hold_end=alive)
        except IntegrityError as error:
            await self._fail_broken_journal(worker, error)
            return
        if self._run.terminal:
            await asyncio.to_thread(worker.kill)  # and the children that it may have left
        elif not alive:
            await self._end_without_record(worker)
        else:
            await self._enforce_stop(worker)
            await self._pause()

    async def _ingest_journal(self, *, hold_end: bool) -> None:
        """Store all complete records. With `hold_end`, leave out the final one: its worker still runs."""
        while records := await asyncio.to_thread(read_records, self._dir, self._run.journal_offset):
            if hold_end and isinstance(records[-1].event, Finished):
                records = records[:-1]
                self._set_deadline(self._runtime.grace_s)
            if not records:
                return
            offset = self._run.journal_offset
            self._run = await self._runtime.database.write(ingest, self._run.id, offset, records)
            self._runtime.notifier.notify(self._run.id)
            if self._run.terminal:
                return

    async def _enforce_stop(self, worker: WorkerProcess) -> None:
        """Terminate a worker that has to stop once, and kill it after its deadline."""
        loop = asyncio.get_running_loop()
        if self._run.state == "stopping":
            if self._run.cancel_mode == "now":
                self._deadline = 0.0
            elif self._deadline is None:
                await asyncio.to_thread(worker.terminate)
                self._set_deadline(self._grace_left())
        if self._deadline is not None and loop.time() >= self._deadline:
            await asyncio.to_thread(worker.kill)
            self._killed = True

    def _set_deadline(self, seconds: float) -> None:
        if self._deadline is None:
            self._deadline = asyncio.get_running_loop().time() + seconds

    def _grace_left(self) -> float:
        """Return the seconds of grace that are left. A restart of the server does not extend them."""
        grace = self._runtime.grace_s
        waited = (now_ms() - (self._run.cancel_ms or now_ms())) / 1000
        return min(max(grace - waited, 0.0), grace)

    async def _pause(self) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._wake.wait(), self._runtime.poll_s)
        if self._wake.is_set():
            self._wake.clear()
            self._run = await self._runtime.database.read(get_run, self._run.id)

    async def _end_without_record(self, worker: WorkerProcess) -> None:
        """End a run whose worker has ended without a final journal record."""
        await asyncio.to_thread(worker.kill)
        self._run = await self._runtime.database.read(get_run, self._run.id)
        if self._run.state != "stopping":
            failure = await asyncio.to_thread(failures.worker_lost, self._dir, worker.exit_code)
            await self._fail(failure)
            return
        warning = None
        if self._killed and self._run.cancel_mode != "now":
            text = f"the worker did not stop within {self._runtime.grace_s:g} s and was killed"
            warning = WarningRaised("worker_killed", text)
        await self._end(Finished("cancelled"), warning)

    async def _fail_broken_journal(self, worker: WorkerProcess, error: IntegrityError) -> None:
        log.error("journal cannot be read", run_id=self._run.id, exc_info=error)
        while await asyncio.to_thread(worker.alive):
            await asyncio.to_thread(worker.kill)
            await asyncio.sleep(self._runtime.poll_s)
        await self._fail(failures.broken_journal(error))

    async def _fail(self, failure: Failure) -> None:
        failure = replace(failure, last_checkpoint=self._run.last_checkpoint)
        await self._end(Finished("failed", failure=failure))

    async def _end(self, finished: Finished, warning: WarningRaised | None = None) -> None:
        await self._runtime.database.write(end_run, self._run.id, finished, warning, now_ms())
        self._run = await self._runtime.database.read(get_run, self._run.id)
        self._runtime.notifier.notify(self._run.id)
