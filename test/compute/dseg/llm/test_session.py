from __future__ import annotations

import threading
from pathlib import Path

import psutil
import pytest
from faulty import Faulty
from replay import Replay
from texts import Items, engine, good_answer, item
from virtual_time import VirtualClock

from lghrec_compute.dseg.llm import generation_loop
from lghrec_compute.dseg.llm.engine import prepare
from lghrec_compute.dseg.llm.estimate import SampleCosts, estimate
from lghrec_compute.dseg.llm.session import open_session
from lghrec_compute.dseg.text.prompt import ItemText, item_text
from lghrec_compute.dseg.text.quality import OutcomeCounts
from lghrec_compute.errors import RunCancelled
from lghrec_compute.spec.semantic import GenerationSpec


def watch(_tally: OutcomeCounts, _total: int) -> None:
    return


def test_each_description_gets_its_generated_text(tmp_path: Path) -> None:
    items = [item(number) for number in range(300)]
    # other fields with the same text, hence the same request
    items.append(ItemText((("title", "x\ny: z"),)))
    items.append(ItemText((("title", "x"), ("y", "z"))))
    items.append(item_text({"title": "long", "plot": "river " * 5000}))
    replay, totals = Replay(good_answer), []
    with open_session(engine(replay), tmp_path) as session:
        generated, calls_s = session.generate(
            items,
            is_stopped=lambda: False,
            on_progress=lambda counts, total: totals.append((counts.num, total)),
        )
    assert list(map(items.count, generated)) == [1] * 303
    assert replay.num_calls == 302
    assert all(
        f'"{text.text.splitlines()[0]}"' in generated[text].outcome.reasoning.text for text in items[:300]
    )
    assert [generated[text].is_cut for text in items] == [False] * 302 + [True]
    assert generated[items[300]].outcome == generated[items[301]].outcome
    assert totals[-1] == (303, 303)
    assert 0 < calls_s < 60


def test_memory_is_flat_in_the_number_of_texts_that_wait(tmp_path: Path) -> None:
    process = psutil.Process()
    used: dict[int, int] = {}
    for num in (2_000, 2_000, 60_000):
        stop = threading.Event()

        def ended(counts: OutcomeCounts, total: int, stop: threading.Event = stop) -> None:
            if counts.num >= 1_500:
                used[total] = process.memory_info().rss
                stop.set()

        with (
            open_session(engine(Replay(good_answer)), tmp_path / str(num)) as session,
            pytest.raises(RunCancelled),
        ):
            session.generate(Items(num), is_stopped=stop.is_set, on_progress=ended)
    # a prompt needs about 2 kB, so all of them would need 120 MB
    assert used[60_000] - used[2_000] < 10e6


@pytest.mark.parametrize("in_flight", [1, 8])
def test_a_preview_predicts_the_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, in_flight: int) -> None:
    clock = VirtualClock(monkeypatch, generation_loop)
    # A call takes 0.08 s for each call in flight.
    opened = engine(
        Faulty(Replay(good_answer), lambda *_: None, latency_s=0.08 * in_flight),
        GenerationSpec(max_in_flight=in_flight),
    )
    items = [item(number) for number in range(84)]
    with open_session(opened, tmp_path) as session:
        texts, calls_s = session.generate(items[:20], is_stopped=lambda: False, on_progress=watch)
        measured = SampleCosts(50, calls_s / len(texts) / in_flight, len(texts))
        estimated = estimate(prepare(items, opened), opened, session.cache, measured=measured)
        start_s = clock.now_s
        session.generate(items, is_stopped=lambda: False, on_progress=watch)
    assert estimated.num_calls == 64
    # 64 calls in flights of 1 or 8 take 64 x 0.08 s.
    assert clock.now_s - start_s == pytest.approx(5.12)
    assert estimated.seconds == pytest.approx(5.12)
