"""Generates the texts of a run: cached, paid once, within the limits, with retries, and stopped at once.

One loop starts calls, waits for the next call to end, and commits results in groups. Memory contains only the
texts that are in progress.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import random
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from lghrec_compute.dseg.llm.cache import GROUP_S, GROUP_SIZE, LEASE_S, Attempt, Cache
from lghrec_compute.dseg.llm.limits import RateLimiter
from lghrec_compute.dseg.llm.requests import Answer, CallError, LanguageModel, TextRequest
from lghrec_compute.dseg.llm.retry_policy import (
    MAX_FAILED_CALLS,
    CircuitBreaker,
    backoff_s,
    decoding_at,
    is_refusal,
)
from lghrec_compute.dseg.text.outcome import Outcome, Status
from lghrec_compute.dseg.text.repair import read_answer
from lghrec_compute.errors import RunCancelled
from lghrec_compute.spec.semantic import GenerationSpec

BUDGET_SPENT = "the token budget is spent"

_STOP_POLL_S = 0.1
_WAITING_S = 0.5  # interval at which texts that another run has leased are looked up
_KEPT_RAW_CHARS = 4000


@dataclass
class _Job:
    """A text whose key this run has leased: its next attempt level, and how its calls ended."""

    request: TextRequest
    attempt_level: int
    failed_calls: int = 0
    was_cut: bool = False


class GenerationLoop:
    """Generates many texts in one run. Create a new one for each run."""

    def __init__(
        self,
        language_model: LanguageModel,
        cache: Cache,
        spec: GenerationSpec,
        *,
        is_stopped: Callable[[], bool] = lambda: False,
        breaker: CircuitBreaker | None = None,
    ) -> None:
        self.rate_limiter = RateLimiter(spec)
        self.calls_s = 0.0
        """Sum of the seconds that all calls took."""
        self._language_model, self._cache, self._spec = language_model, cache, spec
        self._is_stopped = is_stopped
        self._breaker = breaker or CircuitBreaker()
        self._random = random.Random()  # for the times of retries only; no text depends on it
        self._ready: deque[_Job] = deque()
        self._delayed: list[tuple[float, int, _Job]] = []
        self._waiting: list[str] = []
        self._numbers = itertools.count()
        self._attempts: list[Attempt] = []
        self._ended: list[Outcome] = []
        self._last_commit = self._last_look = self._last_renewal = time.monotonic()

    async def run(
        self, keys: Iterable[str], make: Callable[[str], TextRequest], on_outcome: Callable[[Outcome], None]
    ) -> None:
        """Generate the text of each key, and report each outcome once, in any order. All keys must differ.

        `make` builds the requests of the keys that are not in the cache. `on_outcome` receives an outcome
        after it is written to the disk; it must not raise. Raises `RunCancelled` within two seconds after
        `is_stopped` returns True, and a fatal `CallError` if the endpoint rejects all calls. Results until
        then are kept.
        """
        self._make, self._on_outcome = make, on_outcome
        self._source: Iterator[str] | None = iter(keys)
        busy: set[asyncio.Task[None]] = set()
        try:
            while True:
                if self._is_stopped():
                    raise RunCancelled("the run was stopped")
                self._start(busy)
                if not busy and self._is_done:
                    return
                done, busy = await self._wait(busy)
                if errors := [error for task in done if (error := task.exception())]:
                    raise errors[0]
                self._do_periodic_work()
        finally:
            for task in busy:
                task.cancel()
            await asyncio.gather(*busy, return_exceptions=True)
            try:
                self._commit()
            finally:
                self._cache.release()

    @property
    def _is_done(self) -> bool:
        return self._source is None and not (self._ready or self._delayed or self._waiting)

    @property
    def _num_open(self) -> int:
        return len(self._ready) + len(self._delayed) + len(self._waiting) + len(self._ended)

    def _start(self, busy: set[asyncio.Task[None]]) -> None:
        """Start as many calls as may run concurrently."""
        while len(busy) < self._spec.max_in_flight and time.monotonic() >= self._breaker.open_until:
            job = self._next_job()
            if job is None:
                return
            busy.add(asyncio.create_task(self._attempt(job)))

    def _next_job(self) -> _Job | None:
        """Return the next text to request. A retry that is due comes before new texts."""
        while not self._is_stopped():
            if self.rate_limiter.is_spent:
                self._fail_open_texts()
            elif self._delayed and self._delayed[0][0] <= time.monotonic():
                return heapq.heappop(self._delayed)[2]
            elif self._ready:
                return self._ready.popleft()
            if not self._pull():
                break
        return None

    def _pull(self) -> bool:
        """Read the next keys: cached texts end, free keys are leased, and the other keys wait."""
        if self._source is None or self._num_open >= max(2 * GROUP_SIZE, 2 * self._spec.max_in_flight):
            return False
        keys = list(itertools.islice(self._source, GROUP_SIZE))
        if len(keys) < GROUP_SIZE:
            self._source = None
        self._take_or_wait(keys)
        return bool(keys)

    def _take_or_wait(self, keys: list[str]) -> None:
        found = self._cache.lookup(keys)
        for outcome in found.values():
            self._on_outcome(outcome)
        missing = [key for key in keys if key not in found]
        if not missing:
            return
        if self.rate_limiter.is_spent:
            for key in missing:
                self._on_outcome(Outcome(key, "failed", problem=BUDGET_SPENT))
            return
        levels = self._cache.claim(missing)
        self._ready += (_Job(self._make(key), level) for key, level in levels.items())
        self._waiting += (key for key in missing if key not in levels)

    def _fail_open_texts(self) -> None:
        jobs = [*self._ready, *(job for _due, _number, job in self._delayed)]
        for key in (*(job.request.key for job in jobs), *self._waiting):
            self._on_outcome(Outcome(key, "failed", problem=BUDGET_SPENT))
        self._ready.clear()
        self._delayed.clear()
        self._waiting.clear()

    async def _wait(
        self, busy: set[asyncio.Task[None]]
    ) -> tuple[set[asyncio.Task[None]], set[asyncio.Task[None]]]:
        soon = _STOP_POLL_S
        if self._delayed and len(busy) < self._spec.max_in_flight:  # otherwise no call could start anyway
            soon = min(soon, max(self._delayed[0][0] - time.monotonic(), 0.001))
        if not busy:
            await asyncio.sleep(soon)
            return set(), busy
        return await asyncio.wait(busy, timeout=soon, return_when=asyncio.FIRST_COMPLETED)

    def _do_periodic_work(self) -> None:
        now = time.monotonic()
        if len(self._ended) >= GROUP_SIZE or now - self._last_commit >= GROUP_S:
            self._commit()
        if now - self._last_renewal >= LEASE_S / 3:
            self._cache.renew()
            self._last_renewal = now
        if self._waiting and now - self._last_look >= _WAITING_S:
            waiting, self._waiting = self._waiting, []
            self._take_or_wait(waiting)
            self._last_look = now

    def _commit(self) -> None:
        self._last_commit = time.monotonic()
        if not self._attempts and not self._ended:
            return
        attempts, ended = self._attempts, self._ended
        self._attempts, self._ended = [], []
        counts = self._cache.commit(attempts, ended)
        for outcome in ended:
            self._on_outcome(replace(outcome, attempts=counts[outcome.key]))

    async def _attempt(self, job: _Job) -> None:
        """Make one call. Afterwards the text has ended, or a retry is scheduled."""
        decoding = decoding_at(job.request.decoding, job.attempt_level, was_cut=job.was_cut)
        request = job.request.again(decoding)
        entries = await self.rate_limiter.enter(request.input_tokens, decoding.max_tokens)
        start = time.monotonic()
        try:
            answer = await self._call(request)
        except CallError as error:
            self._failed(job, error, self._elapsed_ms(start))
            return
        self.rate_limiter.leave(entries, answer.usage)
        self._breaker.succeeded()
        self._answered(job, answer, self._elapsed_ms(start))

    def _elapsed_ms(self, start: float) -> int:
        elapsed_s = time.monotonic() - start
        self.calls_s += elapsed_s
        return round(elapsed_s * 1000)

    async def _call(self, request: TextRequest) -> Answer:
        try:
            async with asyncio.timeout(self._spec.timeout_seconds):
                return await self._language_model.complete(request, self._spec.timeout_seconds)
        except TimeoutError:
            raise CallError(f"no answer within {self._spec.timeout_seconds:g} s", kind="timeout") from None

    def _failed(self, job: _Job, error: CallError, latency_ms: int) -> None:
        key = job.request.key
        self._attempts.append(Attempt(key, "error", error.kind, latency_ms=latency_ms, answered=False))
        if error.fatal:
            raise error
        self._breaker.failed(error, time.monotonic())
        job.failed_calls += 1
        if job.failed_calls >= MAX_FAILED_CALLS:
            self._ended.append(Outcome(key, "failed", problem=error.message))
        else:
            self._later(job, backoff_s(job.failed_calls, error, random_source=self._random))

    def _answered(self, job: _Job, answer: Answer, latency_ms: int) -> None:
        key = job.request.key
        status, outcome = classify_answer(key, answer)
        raw = "" if status == "ok" else answer.text[:_KEPT_RAW_CHARS]
        self._attempts.append(Attempt(key, status, outcome.problem[:500], raw, answer.usage, latency_ms))
        job.attempt_level += 1
        job.was_cut = status == "truncated"
        if status == "ok" or job.attempt_level >= self._spec.max_attempts:
            self._ended.append(outcome)
        else:
            self._later(job, 0.0)

    def _later(self, job: _Job, seconds: float) -> None:
        heapq.heappush(self._delayed, (time.monotonic() + seconds, next(self._numbers), job))


def classify_answer(key: str, answer: Answer) -> tuple[Status, Outcome]:
    """Return the status of an answer, and its outcome. An answer that was cut at the token limit is never
    repaired."""
    if is_refusal(answer):
        return "refused", Outcome(key, "refused", usage=answer.usage, problem="the model refused to answer")
    if answer.finish_reason == "length":
        return "truncated", Outcome(key, "truncated", usage=answer.usage, problem="cut at the token limit")
    reading = read_answer(answer.text)
    if reading.reasoning is None:
        return "invalid", Outcome(key, "invalid", usage=answer.usage, problem=reading.problem)
    return "ok", Outcome(key, "ok", reading.reasoning, reading.repaired, answer.usage)
