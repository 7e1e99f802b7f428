"""When a call is repeated, how the repeated call samples, and when the run stops. Times are in seconds.

The attempt level of a text is the number of its answers that were not usable. A higher level samples with
another seed and a higher temperature.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace

from lghrec_compute.dseg.llm.requests import Answer, CallError, Decoding

RETRY_POLICY_VERSION = 1
"""Part of every key: another retry policy may give another text. Increase it with each change."""

TEMPERATURES = (0.2, 0.5, 0.8)
"""Lowest temperature of each attempt level. The last value holds for all higher levels."""
MAX_OUTPUT_TOKENS = 4096
MAX_FAILED_CALLS = 8
"""Maximum number of calls for one text that end without an answer."""

_BASE_S, _LONGEST_S, _LONGEST_REQUESTED_S = 0.5, 60.0, 600.0


def decoding_at(base: Decoding, attempt_level: int, *, was_cut: bool = False) -> Decoding:
    """Return the sampling of an attempt level, from 0.

    Each level has another seed and at least the temperature of `TEMPERATURES`. If the last answer `was_cut`
    at the token limit, the limit doubles with each level, up to 4096.
    """
    if attempt_level == 0:
        return base
    lowest = TEMPERATURES[min(attempt_level, len(TEMPERATURES) - 1)]
    doubled = min(base.max_tokens << attempt_level, max(MAX_OUTPUT_TOKENS, base.max_tokens))
    return replace(
        base,
        temperature=max(base.temperature, lowest),
        seed=(base.seed + attempt_level) % 2**32,
        max_tokens=doubled if was_cut else base.max_tokens,
    )


def backoff_s(failed_calls: int, error: CallError, *, random_source: random.Random) -> float:
    """Return the seconds to wait after a failed call: full jitter over a window that doubles with each
    failure.

    The wait is never shorter than the time that the endpoint requested, up to ten minutes.
    """
    jitter = random_source.uniform(0, min(_LONGEST_S, _BASE_S * 2 ** max(failed_calls - 1, 0)))
    requested = min(error.retry_after_s or 0.0, _LONGEST_REQUESTED_S)
    return max(jitter, requested + random_source.uniform(0, 0.1 * requested))


def is_refusal(answer: Answer) -> bool:
    """Return True if the engine ended the answer because of its content."""
    return answer.finish_reason in ("content_filter", "refusal")


@dataclass
class CircuitBreaker:
    """Pauses all calls after `threshold` failures in a row, each time for longer, and at last stops the run.

    After `max_trips` pauses without an answer in between, the endpoint is considered unreachable. An endpoint
    that limits the rate (status 429) is reachable, so these answers do not count.
    """

    threshold: int = 20
    cooldown_s: float = 5.0
    max_trips: int = 5
    in_a_row: int = 0
    trips: int = 0
    open_until: float = field(default=0.0)

    def succeeded(self) -> None:
        """Reset the counts after an answer."""
        self.in_a_row = self.trips = 0
        self.open_until = 0.0

    def failed(self, error: CallError, now: float) -> None:
        """Count a failure. Raises a fatal `CallError` if the endpoint is considered unreachable."""
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
                f"the last error: {error.message}",
                kind="unreachable",
                fatal=True,
                hint="check that the endpoint is up, then start the run again: finished texts are kept",
            )
        self.open_until = now + min(_LONGEST_S, self.cooldown_s * 2 ** (self.trips - 1))
