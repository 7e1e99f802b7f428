"""Watching runs: waking the watchers of a run, and replaying and following its events."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress

from lghrec_compute.events import Finished
from lghrec_compute.server.errors import DrainingError, OffsetError
from lghrec_compute.server.store import Database, EventRow, events_after, get_run

_PAGE = 500


class Notifier:
    """Wakes the watchers of a run when it has new events, and all watchers when the server stops.

    It carries no data: each watcher reads the database, so that a slow one needs no memory.
    """

    def __init__(self) -> None:
        self._watchers: defaultdict[str, set[asyncio.Event]] = defaultdict(set)
        self.draining = False

    @contextmanager
    def subscribe(self, run_id: str) -> Iterator[asyncio.Event]:
        """Yield an event that is set at each change of the run until the block ends."""
        changed = asyncio.Event()
        self._watchers[run_id].add(changed)
        try:
            yield changed
        finally:
            self._watchers[run_id].discard(changed)
            if not self._watchers[run_id]:
                del self._watchers[run_id]

    @property
    def num_watchers(self) -> int:
        """Number of watchers of all runs."""
        return sum(len(watchers) for watchers in self._watchers.values())

    def notify(self, run_id: str) -> None:
        """Report that the run has new events."""
        for changed in self._watchers.get(run_id, ()):
            changed.set()

    def drain(self) -> None:
        """End all watches. From now on `check` raises."""
        self.draining = True
        for watchers in self._watchers.values():
            for changed in watchers:
                changed.set()

    def check(self) -> None:
        """Raise `DrainingError` if the server is stopping."""
        if self.draining:
            raise DrainingError("the server is stopping", hint="try again when it has started again")


async def follow(
    database: Database, notifier: Notifier, run_id: str, after_seq: int, *, heartbeat_s: float
) -> AsyncIterator[EventRow | int]:
    """Yield each event after `after_seq` once, in order, and end after `finished`.

    An int is a heartbeat: the number of the newest event. The function subscribes before it reads, so that it
    misses no event. It reads the next page only when the caller has consumed the previous one. Raises
    `NotFoundError`, `OffsetError`, `DrainingError`.
    """
    loop = asyncio.get_running_loop()
    with notifier.subscribe(run_id) as changed:
        run = await database.read(get_run, run_id)
        if after_seq > run.head_seq:
            raise OffsetError(f"no such event yet: got {after_seq}, expected at most {run.head_seq}")
        if run.terminal and after_seq == run.head_seq:
            return
        seq, next_beat = after_seq, loop.time() + heartbeat_s
        while True:
            notifier.check()
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
