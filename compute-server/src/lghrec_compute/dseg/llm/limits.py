"""Limits on calls: requests and tokens in any 60 seconds, and a total budget of tokens."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable

from lghrec_compute.dseg.text.outcome import Usage
from lghrec_compute.spec.semantic import GenerationSpec

WINDOW_S = 60.0


class Window:
    """Allows at most `limit` in any window of 60 seconds. An entry can be corrected later."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._entries: deque[list[float]] = deque()  # [time, amount]
        self._sum = 0.0

    def wait_s(self, amount: float, now: float) -> float:
        """Return the seconds until `amount` is allowed. An amount above the limit needs an empty window."""
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
        """Add an entry of `amount`, and return it for `correct`."""
        entry = [now, float(amount)]
        self._entries.append(entry)
        self._sum += amount
        return entry

    def correct(self, entry: list[float], amount: float) -> None:
        """Replace the estimated amount of an entry by the true amount."""
        if self._entries and entry[0] >= self._entries[0][0]:
            self._sum += amount - entry[1]
        entry[1] = float(amount)

    def _forget(self, now: float) -> None:
        while self._entries and self._entries[0][0] + WINDOW_S <= now:
            self._sum -= self._entries.popleft()[1]


class RateLimiter:
    """Delays calls until the limits of a spec allow them, and counts the billed tokens."""

    def __init__(
        self,
        spec: GenerationSpec,
        *,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._requests = Window(spec.requests_per_minute or 0)
        self._input = Window(spec.input_tokens_per_minute or 0)
        self._output = Window(spec.output_tokens_per_minute or 0)
        self._budget = spec.budget_tokens
        self._now, self._sleep = now, sleep
        self._turn = asyncio.Lock()
        self.billed = 0

    @property
    def is_spent(self) -> bool:
        """True if the budget is spent, so that no further call may start."""
        return self._budget is not None and self.billed >= self._budget

    async def enter(self, input_tokens: int, output_tokens: int) -> list[tuple[Window, list[float]]]:
        """Wait until a call of this size may start. Pass the result to `leave`.

        `output_tokens` is the largest possible number. It counts until the true number is known, so no limit
        is exceeded.
        """
        wanted = [(self._requests, 1), (self._input, input_tokens), (self._output, output_tokens)]
        wanted = [(window, amount) for window, amount in wanted if window.limit]
        async with (
            self._turn
        ):  # calls start in order, so that small calls do not overtake a large one for ever
            while wait := max((window.wait_s(amount, self._now()) for window, amount in wanted), default=0.0):
                await self._sleep(min(wait, 1.0))
            now = self._now()
            return [(window, window.take(min(amount, window.limit), now)) for window, amount in wanted]

    def leave(self, entries: list[tuple[Window, list[float]]], usage: Usage) -> None:
        """Record the tokens that the call used."""
        self.billed += usage.total
        known = {id(self._input): usage.input, id(self._output): usage.output}
        for window, entry in entries:
            if usage.total and id(window) in known:
                window.correct(entry, known[id(window)])
