"""`lghrec.v1.RunService`."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import aclosing

from lghrec.v1 import run_pb2
from lghrec_compute.errors import ConfigError
from lghrec_compute.server.clock import now_ms
from lghrec_compute.server.runs.notifier import follow
from lghrec_compute.server.runs.queries import RunQueries
from lghrec_compute.server.runs.scheduler import Scheduler
from lghrec_compute.server.runs.supervisor import Runtime
from lghrec_compute.server.store import delete_run, request_cancel
from lghrec_compute.server.text import one_line
from lghrec_compute.server.wire.messages import event_message

_MAX_REASON = 1000
_MODES = {
    run_pb2.CANCEL_MODE_UNSPECIFIED: "graceful",
    run_pb2.CANCEL_MODE_GRACEFUL: "graceful",
    run_pb2.CANCEL_MODE_NOW: "now",
}


class RunService:
    """Reads, watches, cancels and deletes runs of every kind."""

    def __init__(self, runtime: Runtime, scheduler: Scheduler, heartbeat_s: float) -> None:
        self._runtime = runtime
        self._scheduler = scheduler
        self._queries = RunQueries(runtime.database)
        self._heartbeat_s = heartbeat_s

    async def GetRun(self, request: run_pb2.GetRunRequest, _: object) -> run_pb2.GetRunResponse:
        """Return one run."""
        return run_pb2.GetRunResponse(run=await self._queries.get(request.run_id))

    async def ListRuns(self, request: run_pb2.ListRunsRequest, _: object) -> run_pb2.ListRunsResponse:
        """Return a page of runs, newest first."""
        return await self._queries.list(request)

    async def WatchRun(
        self, request: run_pb2.WatchRunRequest, _: object
    ) -> AsyncIterator[run_pb2.WatchRunResponse]:
        """Replay the events of a run, then follow it to its end."""
        database, notifier = self._runtime.database, self._runtime.notifier
        steps = follow(database, notifier, request.run_id, request.after_seq, heartbeat_s=self._heartbeat_s)
        async with aclosing(steps):  # type: ignore[type-var]
            async for step in steps:
                if isinstance(step, int):
                    yield run_pb2.WatchRunResponse(heartbeat=run_pb2.Heartbeat(head_seq=step))
                else:
                    yield run_pb2.WatchRunResponse(event=event_message(step))

    async def CancelRun(self, request: run_pb2.CancelRunRequest, _: object) -> run_pb2.CancelRunResponse:
        """Store the request to stop a run and wake its supervisor."""
        mode = _cancel_mode(request.mode)
        reason = one_line(request.reason, _MAX_REASON)
        database = self._runtime.database
        await database.write(request_cancel, request.run_id, mode, reason, now_ms())
        self._scheduler.run_changed(request.run_id)
        return run_pb2.CancelRunResponse(run=await self._queries.get(request.run_id))

    async def DeleteRun(self, request: run_pb2.DeleteRunRequest, _: object) -> run_pb2.DeleteRunResponse:
        """Delete an ended run and its folder."""
        await self._runtime.database.write(delete_run, request.run_id, now_ms())
        folder = self._runtime.data_dir.run(request.run_id).path
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
        return run_pb2.DeleteRunResponse()


def _cancel_mode(mode: run_pb2.CancelMode) -> str:
    if mode not in _MODES:
        text = f"unknown value, got number {mode}, expected graceful or now"
        raise ConfigError.at("mode", text)
    return _MODES[mode]
