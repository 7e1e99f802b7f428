"""Wakes the watchers of a run when its log grows, and all of them when the server stops."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

from lghrec_compute.server.errors import DrainingError


class Hub:
    """Carries no data: a watcher reads the database, so a slow one holds no memory."""

    def __init__(self) -> None:
        self._watchers: defaultdict[str, set[asyncio.Event]] = defaultdict(set)
        self.draining = False

    @contextmanager
    def subscribe(self, run_id: str) -> Iterator[asyncio.Event]:
        """Yields an event that is set at each change of the run until the block ends."""
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
        """Watchers of all runs."""
        return sum(len(watchers) for watchers in self._watchers.values())

    def notify(self, run_id: str) -> None:
        """Tells that the run has new events."""
        for changed in self._watchers.get(run_id, ()):
            changed.set()

    def drain(self) -> None:
        """Ends all watches; from now on `check` raises."""
        self.draining = True
        for watchers in self._watchers.values():
            for changed in watchers:
                changed.set()

    def check(self) -> None:
        """Raises `DrainingError` once the server is about to stop."""
        if self.draining:
            raise DrainingError("the server is about to stop", hint="try again once it is back")
