from __future__ import annotations

import json

import pytest

from lghrec_compute.dseg.llm.generation_loop import classify_answer
from lghrec_compute.dseg.llm.requests import Answer
from lghrec_compute.dseg.text.repair import read_answer
from lghrec_compute.dseg.text.schema import Bounds

COT = "It is a film for the whole family, as its plot says: " + '"toys come alive" and so on and on'
STRICT = json.dumps({"CoT": COT, "keywords": "film, toys"})


def test_a_strict_answer_needs_no_repair() -> None:
    reading = read_answer(STRICT)
    assert reading.reasoning is not None
    assert (reading.reasoning.text, reading.reasoning.keywords, reading.repaired) == (
        COT,
        "film, toys",
        False,
    )


@pytest.mark.parametrize(
    "text",
    [
        f"```json\n{STRICT}\n```",
        f"```\n{STRICT}```",
        f"<think>Let me see. {{}}</think>\n{STRICT}",
        f"  <think>a</think> ```json\n{STRICT}\n```",
        json.dumps({"CoT": COT, "keywords": ["film", " toys "]}),
    ],
)
def test_wrapped_answers_and_lists_of_keywords_are_repaired(text: str) -> None:
    reading = read_answer(text)
    assert reading.reasoning is not None
    assert (reading.reasoning.text, reading.reasoning.keywords, reading.repaired) == (COT, "film, toys", True)


def test_structured_reasoning_becomes_text_with_the_same_words() -> None:
    bounds = Bounds((1, 400), (1, 100))
    steps = [{"characteristic": "It is a film", "source": "a film"}, "It is for children"]
    listed = read_answer(json.dumps({"CoT": steps, "keywords": "film"}), bounds)
    assert listed.reasoning is not None
    assert listed.reasoning.text == '1. It is a film: "a film"\n2. It is for children'
    named = read_answer(
        json.dumps({"CoT": {"one": "It is a film", "two": "Old"}, "keywords": "film"}), bounds
    )
    assert named.reasoning is not None
    assert named.reasoning.text == "one: It is a film\ntwo: Old"


@pytest.mark.parametrize(
    "text",
    [
        STRICT[:-1],
        STRICT[:-2],
        STRICT + "}",
        f"Sure! Here it is: {STRICT}",
        f"<think>never ends {STRICT}",
        json.dumps({"CoT": COT}),
        json.dumps({"CoT": COT, "keywords": {"a": 1}}),
        json.dumps({"CoT": 5, "keywords": "film, toys"}),
        json.dumps({"CoT": [1, 2], "keywords": "film, toys"}),
        json.dumps({"CoT": [], "keywords": "film, toys"}),
        json.dumps({"CoT": COT, "keywords": ["x" * 201]}),
        json.dumps({"CoT": ["x" * 1300], "keywords": "film, toys"}),
        json.dumps({"CoT": COT, "keywords": "film, toys", "more": 1}),
        "",
        "[" * 50_000,
    ],
)
def test_nothing_is_invented(text: str) -> None:
    reading = read_answer(text)
    assert reading.reasoning is None
    assert reading.problem


def test_an_answer_that_was_cut_is_never_repaired() -> None:
    assert classify_answer("k", Answer(STRICT, "length"))[0] == "truncated"
    assert classify_answer("k", Answer(f"```\n{STRICT}\n```", "length"))[1].reasoning is None
    assert classify_answer("k", Answer(STRICT, "content_filter"))[0] == "refused"
    assert classify_answer("k", Answer(STRICT, "stop"))[0] == "ok"
