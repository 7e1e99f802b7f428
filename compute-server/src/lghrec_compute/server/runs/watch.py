"""Following a run: replay after a number, then what comes, until its end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

from lghrec_compute.events import Finished
from lghrec_compute.server.errors import OffsetError
from lghrec_compute.server.runs.notifier import Hub
from lghrec_compute.server.store import Database, EventRow, events_after, get_run

_PAGE = 500


async def follow(
    database: Database, hub: Hub, run_id: str, after_seq: int, *, heartbeat_s: float
) -> AsyncIterator[EventRow | int]:
    """Yields each event after `after_seq` once, in order, and ends after `finished`.

    An int is a heartbeat: the number of the newest event. Subscribes before it reads, so nothing falls
    between. Pages are read as fast as the taker takes them. Raises `NotFoundError`, `OffsetError`,
    `DrainingError`.
    """
    loop = asyncio.get_running_loop()
    with hub.subscribe(run_id) as changed:
        run = await database.read(get_run, run_id)
        if after_seq > run.head_seq:
            raise OffsetError(f"no event {after_seq} yet, the newest is {run.head_seq}")
        if run.terminal and after_seq == run.head_seq:
            return
        seq, next_beat = after_seq, loop.time() + heartbeat_s
        while True:
            hub.check()
            changed.clear()
            page = await database.read(events_after, run_id, seq, _PAGE)
            for event in page:
                yield event
                seq = event.seq
                if isinstance(event.event, Finished):
                    return
            if loop.time() >= next_beat:
                yield (await database.read(get_run, run_id)).head_seq
                next_beat = loop.time() + heartbeat_s
            if len(page) < _PAGE:
                with suppress(TimeoutError):
                    await asyncio.wait_for(changed.wait(), max(next_beat - loop.time(), 0))
