from __future__ import annotations

import asyncio
import json
import random
import threading
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import psutil
import pytest
from faulty import Fault, Faulty
from replay import Replay
from texts import good_answer, keys, numbered_requests
from virtual_time import VirtualClock

from lghrec_compute.dseg.llm import generation_loop
from lghrec_compute.dseg.llm.cache import Cache
from lghrec_compute.dseg.llm.generation_loop import BUDGET_SPENT, GenerationLoop
from lghrec_compute.dseg.llm.requests import Answer, CallError, LanguageModel, TextRequest
from lghrec_compute.dseg.llm.retry_policy import CircuitBreaker
from lghrec_compute.dseg.text.outcome import Outcome
from lghrec_compute.errors import RunCancelled
from lghrec_compute.spec.semantic import GenerationSpec

FAST = GenerationSpec(max_in_flight=16, timeout_seconds=0.2)


def run(language_model: LanguageModel, path: Path, names: Iterable[str], **options: Any) -> list[Outcome]:
    """Return all outcomes of one run, in the order in which they were reported."""
    cache, outcomes = Cache(path / "c.sqlite"), []
    limits = options.pop("limits", FAST)
    try:
        generation = GenerationLoop(language_model, cache, limits, **options)
        asyncio.run(generation.run(names, numbered_requests(), outcomes.append))
    finally:
        cache.close()
    return outcomes


def script(faults: dict[str, list[Fault]]) -> Callable[[TextRequest, int], Fault | None]:
    """The faults of each key's first calls."""

    def fault(request: TextRequest, number: int) -> Fault | None:
        planned = faults.get(request.key, [])
        return planned[number] if number < len(planned) else None

    return fault


def test_each_key_is_requested_once_and_reported_once(tmp_path: Path) -> None:
    names = keys(200)
    replay = Replay(good_answer)
    outcomes = run(replay, tmp_path, names)
    assert replay.num_calls == 200
    assert Counter(outcome.key for outcome in outcomes) == Counter(names)
    assert {(outcome.status, outcome.attempts, outcome.cached) for outcome in outcomes} == {("ok", 1, False)}


def test_a_second_run_pays_nothing_and_gets_the_same(tmp_path: Path) -> None:
    first = {outcome.key: outcome.reasoning for outcome in run(Replay(good_answer), tmp_path, keys(150))}
    replay = Replay(good_answer)
    # in another order and with other keys, texts are found by content
    outcomes = run(replay, tmp_path, [*reversed(keys(150)), *keys(170)[150:]])
    assert replay.num_calls == 20
    assert {outcome.key: outcome.reasoning for outcome in outcomes if outcome.cached} == first


def test_a_mix_of_faults_ends_with_nearly_all_texts_in_any_order(tmp_path: Path) -> None:
    mix: list[Fault] = (
        ["rate_limited"] * 20 + ["server_error"] * 5 + ["garbage"] * 5 + ["truncated"] * 3 + ["hang"] * 2
    )

    def fault(request: TextRequest, number: int) -> Fault | None:
        draw = random.Random(f"{request.key} {number}").randrange(100)
        return mix[draw] if draw < len(mix) else None

    names = keys(250)
    texts = []
    for attempt, order in enumerate((names, random.Random(1).sample(names, len(names)))):
        faulty = Faulty(Replay(good_answer), fault)
        outcomes = run(
            faulty,
            tmp_path / str(attempt),
            order,
            limits=GenerationSpec(max_in_flight=64, timeout_seconds=0.2),
        )
        assert Counter(outcome.key for outcome in outcomes) == Counter(names)
        assert sum(outcome.status == "ok" for outcome in outcomes) >= 0.995 * len(names)
        assert min(faulty.faults.values()) > 0
        texts.append({outcome.key: outcome.reasoning for outcome in outcomes})
    assert texts[0] == texts[1]


def test_unusable_answers_raise_the_attempt_level_and_then_fall_back(tmp_path: Path) -> None:
    k = keys(5)
    faults: dict[str, list[Fault]] = {
        k[0]: ["garbage", "truncated"],
        k[1]: ["garbage"] * 9,
        k[2]: ["truncated"] * 9,
        k[3]: ["refused"] * 9,
        k[4]: ["server_error"] * 3,
    }
    requests: list[TextRequest] = []

    def fault(request: TextRequest, number: int) -> Fault | None:
        requests.append(request)
        return script(faults)(request, number)

    outcomes = {outcome.key: outcome for outcome in run(Faulty(Replay(good_answer), fault), tmp_path, k)}
    assert [outcomes[key].status for key in k] == ["ok", "invalid", "truncated", "refused", "ok"]
    assert [outcomes[key].attempts for key in k] == [3, 4, 4, 4, 4]
    assert outcomes[k[1]].reasoning is None
    levels = [request.decoding for request in requests if request.key == k[0]]
    assert [(d.temperature, d.seed, d.max_tokens) for d in levels] == [
        (0.2, 0, 1536),
        (0.5, 1, 1536),
        (0.8, 2, 4096),
    ]
    # a call without an answer does not change the attempt level
    assert {request.decoding.seed for request in requests if request.key == k[4]} == {0}


def test_a_failed_text_is_tried_again_by_the_next_run(tmp_path: Path) -> None:
    faults: dict[str, list[Fault]] = {keys(1)[0]: ["garbage"] * 4}
    assert run(Faulty(Replay(good_answer), script(faults)), tmp_path, keys(1))[0].status == "invalid"
    (again,) = run(Replay(good_answer), tmp_path, keys(1))
    assert (again.status, again.attempts, again.cached) == ("ok", 5, False)


def test_retries_run_between_other_texts_and_not_after_them(tmp_path: Path) -> None:
    names = keys(300)
    faults: dict[str, list[Fault]] = {names[0]: ["garbage"]}
    order: list[str] = []

    def fault(request: TextRequest, number: int) -> Fault | None:
        order.append(request.key)
        return script(faults)(request, number)

    run(Faulty(Replay(good_answer), fault), tmp_path, names, limits=GenerationSpec(max_in_flight=4))
    assert order.index(names[0], 1) < 20


def test_a_refused_key_stops_the_job_with_a_hint_and_keeps_what_is_done(tmp_path: Path) -> None:
    faults: dict[str, list[Fault]] = {keys(100)[90]: ["denied"]}
    with pytest.raises(CallError, match="unauthorised") as error:
        run(
            Faulty(Replay(good_answer), script(faults)),
            tmp_path,
            keys(100),
            limits=GenerationSpec(max_in_flight=1),
        )
    assert error.value.hint == "give another key"
    replay = Replay(good_answer)
    assert len(run(replay, tmp_path, keys(100))) == 100
    assert replay.num_calls == 10


def test_an_endpoint_that_is_down_is_given_up(tmp_path: Path) -> None:
    faulty = Faulty(Replay(good_answer), lambda _request, _number: "server_error")
    with pytest.raises(CallError, match="gave up after 40 calls in a row"):
        run(faulty, tmp_path, keys(100), breaker=CircuitBreaker(threshold=20, cooldown_s=0.05, max_trips=2))
    assert sum(faulty.calls.values()) <= 40 + FAST.max_in_flight


def test_the_budget_stops_new_calls_and_the_other_texts_are_reported(tmp_path: Path) -> None:
    replay = Replay(good_answer)  # 150 tokens per call
    outcomes = run(replay, tmp_path, keys(300), limits=GenerationSpec(max_in_flight=4, budget_tokens=1500))
    assert 10 <= replay.num_calls <= 10 + 4
    assert Counter(outcome.key for outcome in outcomes) == Counter(keys(300))
    spent = [outcome for outcome in outcomes if outcome.status == "failed"]
    assert len(spent) == 300 - replay.num_calls
    assert {outcome.problem for outcome in spent} == {BUDGET_SPENT}
    # nothing is recorded about them, so they are free for the next run
    again = Replay(good_answer)
    run(again, tmp_path, keys(300))
    assert again.num_calls == len(spent)


@pytest.mark.parametrize("when", ["calling", "waiting"])
def test_a_run_that_is_stopped_is_quiet_within_two_seconds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    clock = VirtualClock(monkeypatch, generation_loop)
    fault: Fault = "hang" if when == "calling" else "rate_limited"
    names = keys(2000)
    faulty = Faulty(
        Replay(good_answer),
        lambda request, _number: fault if int(request.key, 16) % 2 else None,
        retry_after_s=100,
    )
    outcomes: list[Outcome] = []
    cache = Cache(tmp_path / "c.sqlite")
    generation = GenerationLoop(
        faulty,
        cache,
        GenerationSpec(max_in_flight=8, timeout_seconds=100),
        is_stopped=lambda: clock.now_s >= 0.5,
    )
    with pytest.raises(RunCancelled):
        asyncio.run(generation.run(names, numbered_requests(), outcomes.append))
    assert 0.5 <= clock.now_s < 2.5
    assert max(Counter(outcome.key for outcome in outcomes).values(), default=0) <= 1
    # answers are kept, and leases are not
    assert len(cache.lookup(names)) == len(outcomes)
    assert cache._db.execute("SELECT COUNT(*) FROM lease").fetchone() == (0,)


def test_two_racing_runs_pay_once_for_each_key(tmp_path: Path) -> None:
    replay = Replay(good_answer)
    names, outcomes = keys(300), []

    def race(order: list[str]) -> None:
        slow = Faulty(replay, lambda _request, _number: None, latency_s=0.005)
        outcomes.append(run(slow, tmp_path, order, limits=GenerationSpec(max_in_flight=4)))

    Cache(tmp_path / "c.sqlite").close()
    threads = [threading.Thread(target=race, args=(order,)) for order in (list(names), list(reversed(names)))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert replay.num_calls == 300
    first, second = ({outcome.key: outcome.reasoning for outcome in each} for each in outcomes)
    assert len(first) == 300
    assert first == second


def test_memory_does_not_grow_with_the_number_of_texts(tmp_path: Path) -> None:
    pulled, open_now, most = 0, 0, 0
    process = psutil.Process()

    def names() -> Iterable[str]:
        nonlocal pulled, open_now, most
        for number in range(20_000):
            pulled += 1
            open_now += 1
            most = max(most, open_now)
            yield f"{number:064x}"

    def ended(_outcome: Outcome) -> None:
        nonlocal open_now
        open_now -= 1

    cache = Cache(tmp_path / "c.sqlite")
    generation = GenerationLoop(Replay(good_answer), cache, GenerationSpec(max_in_flight=64))
    before = process.memory_info().rss
    asyncio.run(generation.run(names(), numbered_requests(), ended))
    assert (pulled, open_now) == (20_000, 0)
    assert most <= 512
    assert process.memory_info().rss - before < 20e6


def test_an_unusable_answer_is_recorded(tmp_path: Path) -> None:
    def answer(_request: TextRequest) -> Answer:
        return Answer("I would rather not", "stop")

    run(Replay(answer), tmp_path, keys(1), limits=GenerationSpec(max_attempts=1))
    cache = Cache(tmp_path / "c.sqlite")
    rows = cache._db.execute("SELECT status, raw FROM attempts").fetchall()
    assert rows == [("invalid", "I would rather not")]
    assert json.loads(cache._db.execute("SELECT engine FROM texts").fetchone()[0]) == {}
