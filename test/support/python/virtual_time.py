"""An event loop and a clock in which waiting takes no time, so that tests of durations are exact."""

from __future__ import annotations

import asyncio
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest


class VirtualClock:
    """Replaces the clock of modules and of event loops that `asyncio.run` creates, until the end of the test.

    An event loop that has nothing to do moves the clock to the time of its next callback and does not sleep.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *modules: ModuleType) -> None:
        self.now_s = 0.0
        for module in modules:
            monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=self.monotonic))
        monkeypatch.setattr(asyncio.events, "new_event_loop", lambda: _VirtualLoop(self))

    def monotonic(self) -> float:
        """The virtual time, in seconds."""
        return self.now_s


class _VirtualLoop(asyncio.SelectorEventLoop):
    def __init__(self, clock: VirtualClock) -> None:
        super().__init__()
        self._clock = clock
        selector: Any = self._selector  # type: ignore[attr-defined]
        select = selector.select

        def select_at_once(timeout: float | None = None) -> Any:
            # Without a next callback, only another thread can wake the loop: wait for it in real time.
            found = select(timeout if timeout is None else 0)
            if not found and timeout:
                clock.now_s += timeout
            return found

        selector.select = select_at_once

    def time(self) -> float:
        return self._clock.now_s
