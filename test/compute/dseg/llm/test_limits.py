from __future__ import annotations

import asyncio

import numpy as np
import pytest

from lghrec_compute.dseg.llm.limits import RateLimiter, Window
from lghrec_compute.dseg.text.outcome import Usage
from lghrec_compute.spec.semantic import GenerationSpec


class Clock:
    """A clock that advances only during sleeps."""

    def __init__(self) -> None:
        self.time = 1000.0

    def now(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.time += seconds
        await asyncio.sleep(0)


def most_in_a_minute(events: list[tuple[float, float]]) -> float:
    """Return the largest sum in any window of 60 seconds, by brute force."""
    return max(
        sum(amount for moment, amount in events if start <= moment < start + 60) for start, _amount in events
    )


async def test_no_window_of_a_minute_exceeds_the_limit() -> None:
    clock, rng = Clock(), np.random.default_rng(0)
    limits = GenerationSpec(
        requests_per_minute=30, input_tokens_per_minute=2000, output_tokens_per_minute=900
    )
    limiter = RateLimiter(limits, now=clock.now, sleep=clock.sleep)
    requests, read, written = [], [], []
    for _ in range(200):
        tokens, used = int(rng.integers(10, 150)), int(rng.integers(1, 60))
        entries = await limiter.enter(tokens, 60)
        requests.append((clock.time, 1.0))
        read.append((clock.time, float(tokens)))
        written.append((clock.time, float(used)))
        limiter.leave(entries, Usage(tokens, used))
        clock.time += float(rng.uniform(0, 0.5))
    assert most_in_a_minute(requests) <= 30
    assert most_in_a_minute(read) <= 2000
    assert most_in_a_minute(written) <= 900
    # it is not slower than necessary: input alone needs sum / 2000 minutes
    assert clock.time - 1000 <= 60 * (sum(amount for _, amount in read) / 2000 + 2.5)


def test_a_window_waits_until_enough_is_old() -> None:
    window = Window(10)
    for moment in (0.0, 1.0, 2.0):
        assert window.wait_s(3, moment) == 0
        window.take(3, moment)
    # 9 are in the window; 3 more require that the 3 of second 0 are older than a minute
    assert window.wait_s(3, 5.0) == pytest.approx(55.0)
    assert window.wait_s(1, 5.0) == 0
    assert window.wait_s(3, 60.0) == 0


def test_more_than_the_whole_limit_needs_an_empty_window() -> None:
    window = Window(10)
    assert window.wait_s(50, 0.0) == 0
    window.take(10, 0.0)
    assert window.wait_s(50, 1.0) == pytest.approx(59.0)


def test_a_corrected_entry_allows_more_calls() -> None:
    window = Window(10)
    entry = window.take(10, 0.0)
    window.correct(entry, 2)
    assert window.wait_s(8, 1.0) == 0
    assert window.wait_s(9, 1.0) > 0


async def test_without_limits_nothing_waits() -> None:
    clock = Clock()
    limiter = RateLimiter(GenerationSpec(), now=clock.now, sleep=clock.sleep)
    for _ in range(1000):
        limiter.leave(await limiter.enter(10_000, 10_000), Usage(10_000, 10_000))
    assert clock.time == 1000


async def test_the_budget_counts_what_was_billed() -> None:
    limiter = RateLimiter(GenerationSpec(budget_tokens=100))
    assert not limiter.is_spent
    limiter.leave(await limiter.enter(50, 1536), Usage(60, 39))
    assert not limiter.is_spent
    limiter.leave(await limiter.enter(50, 1536), Usage(0, 1))
    assert limiter.is_spent
