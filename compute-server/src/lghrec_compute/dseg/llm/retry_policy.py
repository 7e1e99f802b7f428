"""What is tried after a call that failed, and when the trying ends. Times in seconds."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace

from lghrec_compute.dseg.llm.requests import Answer, CallError, Decoding

RETRY_POLICY_VERSION = 1
"""Part of every key: another ladder may give another text."""

TEMPERATURES = (0.2, 0.5, 0.8)
MAX_OUTPUT_TOKENS = 4096
MAX_FAILED_CALLS = 8
"""Calls for one text that may end without an answer."""

_BASE_S, _LONGEST_S, _LONGEST_ASKED_S = 0.5, 60.0, 600.0


def decoding_at(base: Decoding, attempt_level: int, *, was_cut: bool = False) -> Decoding:
    """How attempt `attempt_level`, from 0, draws: each has another seed and more heat, and more room if it was cut."""
    if attempt_level == 0:
        return base
    heat = max(base.temperature, TEMPERATURES[min(attempt_level, len(TEMPERATURES) - 1)])
    room = min(base.max_tokens << attempt_level, max(MAX_OUTPUT_TOKENS, base.max_tokens))
    return replace(
        base,
        temperature=heat,
        seed=(base.seed + attempt_level) % 2**32,
        max_tokens=room if was_cut else base.max_tokens,
    )


def backoff_s(failed_calls: int, error: CallError, *, random_source: random.Random) -> float:
    """Full jitter over a window that doubles; never less than the endpoint asked for, up to ten minutes."""
    jitter = random_source.uniform(0, min(_LONGEST_S, _BASE_S * 2 ** max(failed_calls - 1, 0)))
    asked = min(error.retry_after_s or 0.0, _LONGEST_ASKED_S)
    return max(jitter, asked + random_source.uniform(0, 0.1 * asked))


def is_refusal(answer: Answer) -> bool:
    """The engine ended the answer on grounds of content."""
    return answer.finish_reason in ("content_filter", "refusal")


@dataclass
class CircuitBreaker:
    """Pauses all calls after `threshold` failures in a row, longer each time, and gives up after `max_trips`.

    An endpoint that asks to be left alone (429) is there: such answers do not count.
    """

    threshold: int = 20
    cooldown_s: float = 5.0
    max_trips: int = 5
    in_a_row: int = 0
    trips: int = 0
    open_until: float = field(default=0.0)

    def succeeded(self) -> None:
        """Closes it."""
        self.in_a_row = self.trips = 0
        self.open_until = 0.0

    def failed(self, error: CallError, now: float) -> None:
        """Counts a failure. Raises a fatal `CallError` when the endpoint is given up."""
        if error.kind == "rate_limited":
            return
        self.in_a_row += 1
        if self.in_a_row < self.threshold:
            return
        self.in_a_row = 0
        self.trips += 1
        if self.trips >= self.max_trips:
            raise CallError(
                f"gave up after {self.threshold * self.trips} calls in a row without an answer; "
                f"the last one: {error.message}",
                kind="unreachable",
                fatal=True,
                hint="see that the endpoint is up, then start the run again: what is done is kept",
            )
        self.open_until = now + min(_LONGEST_S, self.cooldown_s * 2 ** (self.trips - 1))
