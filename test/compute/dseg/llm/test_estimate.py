from __future__ import annotations

import asyncio
import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from replay import Replay
from texts import engine, item
from tokenizers import AddedToken, Tokenizer
from tokenizers.models import BPE
from tokenizers.pre_tokenizers import ByteLevel
from tokenizers.trainers import BpeTrainer

from lghrec_compute.dseg.llm.cache import Cache
from lghrec_compute.dseg.llm.engine import Engine, prepare
from lghrec_compute.dseg.llm.estimate import SampleCosts, estimate, preview_items
from lghrec_compute.dseg.llm.generation_loop import GenerationLoop
from lghrec_compute.dseg.llm.requests import Answer, TextRequest
from lghrec_compute.dseg.llm.tokens import ApproximateCounter, TokenizerFile, render_chatml
from lghrec_compute.dseg.text.outcome import Usage
from lghrec_compute.dseg.text.prompt import TEMPLATES, ItemText, item_text
from lghrec_compute.spec.semantic import GenerationSpec


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    tokenizer = Tokenizer(BPE())
    tokenizer.pre_tokenizer = ByteLevel(add_prefix_space=False)
    trainer = BpeTrainer(vocab_size=500, initial_alphabet=ByteLevel.alphabet(), show_progress=False)
    tokenizer.train_from_iterator([TEMPLATES["fig4@1"].system] * 3, trainer)
    tokenizer.add_special_tokens([AddedToken("<|im_start|>"), AddedToken("<|im_end|>")])
    return tokenizer


def counter(tokenizer: Tokenizer) -> TokenizerFile:
    return TokenizerFile(tokenizer, is_chatml=True)


def texts(num: int) -> list[ItemText]:
    rng = np.random.default_rng(1)
    words = ["river", "stone", "naïve", "日本", "garden", "item", "the", "analysis"]
    return [
        item_text({"title": f"n{number}", "plot": " ".join(rng.choice(words, size=rng.integers(1, 90)))})
        for number in range(num)
    ]


def answer_by(tokenizer: Tokenizer) -> Replay:
    """Bill the counted tokens, with an answer as long as the text of the item."""

    def answer(request: TextRequest) -> Answer:
        length = len(request.prompt.user)
        text = json.dumps(
            {"CoT": ("because it says so " * 99)[: 80 + min(length, 1000)], "keywords": "river, stone"}
        )
        count = len(tokenizer.encode(render_chatml(request.prompt), add_special_tokens=False).ids)
        return Answer(text, "stop", Usage(count, len(tokenizer.encode(text).ids)))

    return Replay(answer)


def priced(engine: Engine, input_price: float, output_price: float | None = None) -> Engine:
    spec = engine.spec.model_copy(update={"input_price": input_price, "output_price": output_price})
    return replace(engine, spec=spec)


def test_input_tokens_are_exact_and_a_preview_predicts_the_total(
    tokenizer: Tokenizer, tmp_path: Path
) -> None:
    items = texts(300)
    opened = Engine(answer_by(tokenizer), counter(tokenizer), GenerationSpec(prompt="fig4-two-shot@1"))
    prepared = dict(zip(items, prepare(items, opened), strict=True))
    cache = Cache(tmp_path / "c.sqlite")
    requests = {ready.key: ready.request for ready in prepared.values()}

    def run(names: list[str]) -> Usage:
        outcomes = []
        asyncio.run(
            GenerationLoop(opened.language_model, cache, opened.spec).run(
                names, requests.__getitem__, outcomes.append
            )
        )
        paid = [outcome.usage for outcome in outcomes if not outcome.cached]
        return Usage(sum(usage.input for usage in paid), sum(usage.output for usage in paid))

    before = estimate(list(prepared.values()), opened, cache)
    assert (before.num_items, before.num_calls, before.num_cached) == (300, 300, 0)
    assert before.input_tokens_exact
    assert before.output_tokens == 0
    assert any("run a preview" in note for note in before.notes)
    assert before.cost is None

    chosen = preview_items([len(text.text) for text in items], [1] * 300, num=20, seed=0)
    sample = run([prepared[items[number]].key for number in chosen])
    after = estimate(list(prepared.values()), priced(opened, 2.0, 10.0), cache)
    rest = run(list(requests))
    assert (after.num_calls, after.num_cached) == (280, 20)
    assert after.input_tokens == rest.input == before.input_tokens - sample.input
    assert after.output_tokens == pytest.approx(rest.output, rel=0.15)
    assert after.cost == pytest.approx((2 * after.input_tokens + 10 * after.output_tokens) / 1e6, abs=1e-6)
    done = estimate(list(prepared.values()), priced(opened, 2.0), cache)
    assert (done.num_calls, done.input_tokens, done.cost) == (0, 0, 0)


def test_time_is_the_measured_one_and_never_under_that_of_the_limits(tmp_path: Path) -> None:
    items = [item(number) for number in range(30)]
    cache = Cache(tmp_path / "c.sqlite")
    slow = engine(spec=GenerationSpec(requests_per_minute=10))
    prepared = list(prepare(items, slow))
    # 30 requests take three minutes at 10 per minute, and ten minutes at 20 s each
    assert estimate(prepared, slow, cache).seconds == 180
    measured = SampleCosts(50, 20, 5)
    estimated = estimate(prepared, slow, cache, measured=measured)
    assert (estimated.seconds, estimated.output_tokens) == (600, 1500)
    assert any("mean over 5 texts" in note for note in estimated.notes)
    assert any("approximate" in note for note in estimated.notes)


def test_long_texts_are_cut_at_the_budget_and_flagged(tokenizer: Tokenizer) -> None:
    opened = Engine(Replay(lambda _request: Answer("", "stop")), counter(tokenizer), GenerationSpec())
    long, short = item_text({"plot": "river " * 3000}), item_text({"plot": "river"})
    cut, whole = prepare([long, short], opened)
    assert (cut.is_cut, whole.is_cut) == (True, False)
    kept = cut.request.prompt.user.split("<item>\n")[1].removesuffix("\n</item>")
    assert long.text.startswith(kept)
    assert len(tokenizer.encode(kept).ids) == 1024
    # the key covers the whole text, because its other parts decide what is cut
    assert cut.key != next(iter(prepare([item_text({"plot": "river " * 2999})], opened))).key


@pytest.mark.parametrize(
    ("text", "tokens"), [("", 0), ("abcd", 1), ("abcde", 2), ("日本", 2), ("日本abcd", 3)]
)
def test_the_approximation_counts_four_letters_or_one_other_character(text: str, tokens: int) -> None:
    assert ApproximateCounter()._tokens(text) == tokens
    assert ApproximateCounter().heads([text], tokens or 1) == [text]


def test_the_approximation_cuts_at_its_own_count() -> None:
    assert ApproximateCounter().heads(["abcdefgh", "日本語", "abc日本"], 1) == ["abcd", "日", "abc"]


def test_a_preview_has_long_and_short_popular_and_rare_items() -> None:
    rng = np.random.default_rng(0)
    lengths, degrees = rng.integers(0, 2000, 500), rng.zipf(1.5, 500).clip(max=10_000)
    lengths[:50] = 0
    chosen = preview_items(lengths.tolist(), degrees.tolist(), num=20, seed=3)
    assert len(set(chosen)) == 20 == len(chosen)
    assert min(lengths[chosen]) > 0
    assert chosen == preview_items(lengths.tolist(), degrees.tolist(), num=20, seed=3)
    assert chosen != preview_items(lengths.tolist(), degrees.tolist(), num=20, seed=4)
    # with 50 strata and 20 items, no stratum is selected twice
    deciles = Counter(
        np.searchsorted(np.quantile(lengths[lengths > 0], np.arange(1, 10) / 10), lengths[chosen]).tolist()
    )
    assert len(deciles) >= 7
    assert max(deciles.values()) <= 5


def test_a_preview_of_few_items_is_all_of_them() -> None:
    assert preview_items([5, 0, 7], [1, 1, 1], num=20, seed=0) == [0, 2]
    assert preview_items([0, 0], [1, 1], num=20, seed=0) == []
