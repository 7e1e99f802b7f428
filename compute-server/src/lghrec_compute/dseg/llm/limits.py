"""How fast and how much may be asked: requests and tokens in any 60 seconds, and a budget in all."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from lghrec_compute.dseg.text.outcome import Usage

WINDOW_S = 60.0


@dataclass(frozen=True)
class Limits:
    """None has no limit. `max_attempts` counts answers that could not be used, `timeout_s` is for a call."""

    in_flight: int = 16
    requests_per_minute: int | None = None
    input_tokens_per_minute: int | None = None
    output_tokens_per_minute: int | None = None
    budget_tokens: int | None = None
    max_attempts: int = 4
    timeout_s: float = 120.0


class Window:
    """At most `limit` in any window of 60 seconds, strictly; an entry may be corrected afterwards."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._entries: deque[list[float]] = deque()  # [time, amount]
        self._sum = 0.0

    def wait_s(self, amount: float, now: float) -> float:
        """Seconds until `amount` fits; more than the whole limit fits into an empty window."""
        self._forget(now)
        missing = self._sum + min(amount, self.limit) - self.limit
        if missing <= 0:
            return 0.0
        for moment, held in self._entries:
            missing -= held
            if missing <= 0:
                return max(moment + WINDOW_S - now, 0.001)
        return WINDOW_S

    def take(self, amount: float, now: float) -> list[float]:
        """Enters `amount`; the entry can be given to `correct`."""
        entry = [now, float(amount)]
        self._entries.append(entry)
        self._sum += amount
        return entry

    def correct(self, entry: list[float], amount: float) -> None:
        """Puts the true amount in the place of the one that was guessed."""
        if self._entries and entry[0] >= self._entries[0][0]:
            self._sum += amount - entry[1]
        entry[1] = float(amount)

    def _forget(self, now: float) -> None:
        while self._entries and self._entries[0][0] + WINDOW_S <= now:
            self._sum -= self._entries.popleft()[1]


class RateLimiter:
    """What each call passes: waits for its turn, and keeps what was billed."""

    def __init__(
        self,
        limits: Limits,
        *,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._requests = Window(limits.requests_per_minute or 0)
        self._input = Window(limits.input_tokens_per_minute or 0)
        self._output = Window(limits.output_tokens_per_minute or 0)
        self._budget = limits.budget_tokens
        self._now, self._sleep = now, sleep
        self._turn = asyncio.Lock()
        self.billed = 0

    @property
    def is_spent(self) -> bool:
        """The budget is used up: no new call may start."""
        return self._budget is not None and self.billed >= self._budget

    async def enter(self, input_tokens: int, output_tokens: int) -> list[tuple[Window, list[float]]]:
        """Waits until a call of this size may start; give the answer to `leave`.

        The output is counted in full until it is known, which never lets more through than allowed.
        """
        wanted = [(self._requests, 1), (self._input, input_tokens), (self._output, output_tokens)]
        wanted = [(window, amount) for window, amount in wanted if window.limit]
        async with self._turn:  # in order: a large request is not overtaken for ever
            while wait := max((window.wait_s(amount, self._now()) for window, amount in wanted), default=0.0):
                await self._sleep(min(wait, 1.0))
            now = self._now()
            return [(window, window.take(min(amount, window.limit), now)) for window, amount in wanted]

    def leave(self, entries: list[tuple[Window, list[float]]], usage: Usage) -> None:
        """Notes what the call took."""
        self.billed += usage.total
        known = {id(self._input): usage.input, id(self._output): usage.output}
        for window, entry in entries:
            if usage.total and id(window) in known:
                window.correct(entry, known[id(window)])
