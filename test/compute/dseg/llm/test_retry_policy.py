from __future__ import annotations

import random
from dataclasses import replace

import pytest
from texts import DECODING

from lghrec_compute.dseg.llm.requests import CallError
from lghrec_compute.dseg.llm.retry_policy import CircuitBreaker, backoff_s, decoding_at

DOWN = CallError("server error 503", kind="server_error")


def test_each_attempt_level_has_another_seed_and_a_higher_temperature() -> None:
    levels = [decoding_at(replace(DECODING, seed=7), level) for level in range(4)]
    assert [level.temperature for level in levels] == [0.2, 0.5, 0.8, 0.8]
    assert [level.seed for level in levels] == [7, 8, 9, 10]
    assert {level.max_tokens for level in levels} == {1536}
    assert decoding_at(replace(DECODING, temperature=1.2), 1).temperature == 1.2
    assert decoding_at(replace(DECODING, seed=2**32 - 1), 1).seed == 0


def test_after_a_cut_answer_the_token_limit_doubles_up_to_a_bound() -> None:
    cut = [decoding_at(DECODING, level, was_cut=True).max_tokens for level in range(4)]
    assert cut == [1536, 3072, 4096, 4096]


def test_backoff_is_full_jitter_in_windows_that_double() -> None:
    source = random.Random(0)
    for failed, longest in ((1, 0.5), (2, 1.0), (4, 4.0), (20, 60.0)):
        waits = [backoff_s(failed, DOWN, random_source=source) for _ in range(300)]
        assert 0 <= min(waits) < 0.1 * longest
        assert 0.9 * longest < max(waits) <= longest


def test_backoff_is_never_shorter_than_requested_and_is_bounded() -> None:
    limited = CallError("too many requests", kind="rate_limited", retry_after_s=30)
    waits = [backoff_s(1, limited, random_source=random.Random(seed)) for seed in range(100)]
    assert min(waits) >= 30
    assert max(waits) <= 33
    endless = CallError("too many requests", kind="rate_limited", retry_after_s=1e9)
    assert backoff_s(1, endless, random_source=random.Random(0)) <= 660


def test_breaker_pauses_longer_each_time_and_gives_up() -> None:
    breaker = CircuitBreaker(threshold=3, cooldown_s=5, max_trips=3)
    pauses = []
    for number in range(6):
        breaker.failed(DOWN, now=100.0)
        if number % 3 == 2:
            pauses.append(breaker.open_until - 100)
    assert pauses == [5, 10]
    breaker.failed(DOWN, now=100.0)
    breaker.failed(DOWN, now=100.0)
    with pytest.raises(CallError, match=r"gave up after 9 calls in a row without an answer.*503") as error:
        breaker.failed(DOWN, now=100.0)
    assert error.value.fatal
    assert "start the run again" in error.value.hint


def test_an_answer_closes_the_breaker_and_a_rate_limit_does_not_open_it() -> None:
    breaker = CircuitBreaker(threshold=2)
    breaker.failed(DOWN, now=0)
    breaker.succeeded()
    breaker.failed(DOWN, now=0)
    assert breaker.trips == 0
    for _ in range(50):
        breaker.failed(CallError("too many requests", kind="rate_limited"), now=0)
    assert breaker.trips == 0
