"""Reads runs for clients: one run, or a page of a list."""

from __future__ import annotations

from bisect import bisect
from typing import cast

from lghrec.v1 import run_pb2
from lghrec_compute.errors import ConfigError
from lghrec_compute.json_types import Json
from lghrec_compute.server.store import (
    Database,
    RunFilter,
    RunRow,
    get_run,
    list_runs,
    queued_before,
    queued_positions,
)
from lghrec_compute.server.wire.convert import message_to_dict
from lghrec_compute.server.wire.messages import run_message
from lghrec_compute.server.wire.paging import MAX_PAGE_BYTES, decode_token, encode_token, page_size


class RunQueries:
    """Reads runs from the database and returns them as messages."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, run_id: str) -> run_pb2.Run:
        """Return one run. Raises `NotFoundError`."""
        return await self._message(await self._database.read(get_run, run_id))

    async def list(self, request: run_pb2.ListRunsRequest) -> run_pb2.ListRunsResponse:
        """Return a page of runs, newest first. Raises `ConfigError` for an invalid filter or token."""
        filters = _filters(request)
        after = decode_token(request.page_token, filters, (int,))
        size = page_size(request.page_size)
        wanted = RunFilter(filters.get("kinds", ()), filters.get("states", ()), filters.get("labels", {}))
        before = cast(int, after[0]) if after else None
        found = await self._database.read(list_runs, wanted, before, size + 1)
        queue = await self._database.read(queued_positions)
        response = run_pb2.ListRunsResponse()
        for i, run in enumerate(found[:size]):
            queue_position = bisect(queue, run.position) if run.state == "queued" else 0
            response.runs.append(run_message(run, queue_position))
            full = i + 1 == size or response.ByteSize() > MAX_PAGE_BYTES
            if full and i + 1 < len(found):
                response.next_page_token = encode_token([run.position], filters)
                break
        return response

    async def _message(self, run: RunRow) -> run_pb2.Run:
        if run.state != "queued":
            return run_message(run)
        return run_message(run, await self._database.read(queued_before, run.position) + 1)


def _filters(request: run_pb2.ListRunsRequest) -> Json:
    """Return the filters of the request as plain data."""
    plain, violations = message_to_dict(request)
    if violations:
        raise ConfigError.of(violations)
    return {key: plain[key] for key in ("kinds", "states", "labels") if key in plain}
