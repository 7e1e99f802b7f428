from __future__ import annotations

import json
import re

import pytest

from lghrec_compute.dseg.text.schema import (
    ANY,
    GENERATED,
    KEYWORDS_CHARS,
    TEXT_CHARS,
    Reasoning,
    checked,
    gbnf,
    json_schema,
    parse,
)
from lghrec_compute.errors import DataError


def test_reasoning_survives_json() -> None:
    reasoning = Reasoning('1. title: "Äpfel \\ "rot""\n', "Äpfel, rot")
    assert parse(reasoning.to_json()) == reasoning


def test_encoder_reads_keywords_first() -> None:
    assert Reasoning("because", "a, b").encoder_text == "keywords: a, b\nbecause"
    assert Reasoning("because", "").encoder_text == "because"
    assert Reasoning("because", "a, b,, c ").keyword_list == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ('```json\n{"CoT": "x", "keywords": "y"}\n```', "not JSON"),
        ('{"CoT": "x", "keywords": "y"', "not JSON"),
        ('{"CoT": "x", "CoT": "z", "keywords": "y"}', "a key occurs twice"),
        ('["CoT", "keywords"]', "got list"),
        ('{"CoT": "x"}', r"got \['CoT'\], expected \['CoT', 'keywords'\]"),
        ('{"CoT": "x", "keywords": "y", "note": ""}', "got .*'note'"),
        ('{"CoT": ["x"], "keywords": "y"}', "CoT is not a string: got list"),
        ('{"CoT": "x", "keywords": null}', "keywords is not a string: got NoneType"),
        ('{"CoT": "", "keywords": "y"}', "CoT has 0 characters, expected 1 to 1,200"),
        ('{"CoT": "\\ud800", "keywords": "y"}', "half of a surrogate pair"),
        (json.dumps({"CoT": "x" * 1201, "keywords": "y"}), "CoT has 1,201 characters"),
        (json.dumps({"CoT": "x", "keywords": "y" * 201}), "keywords has 201 characters, expected 1 to 200"),
    ],
)
def test_anything_but_the_strict_form_is_refused(text: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        parse(text)


def test_a_model_must_write_more_than_a_copy_has() -> None:
    short = Reasoning("x" * 79, "y" * 5)
    assert checked(short, ANY) is short
    with pytest.raises(DataError, match="CoT has 79 characters, expected 80 to 1,200"):
        checked(short, GENERATED)


def test_bounds_are_those_of_the_json_schema() -> None:
    longest = Reasoning("x" * TEXT_CHARS[1], "y" * KEYWORDS_CHARS[1])
    assert checked(longest) is longest
    properties = json_schema()["properties"]
    assert {name: (value["minLength"], value["maxLength"]) for name, value in properties.items()} == {
        "CoT": GENERATED.text,
        "keywords": GENERATED.keywords,
    }
    # no further keywords, because with them engines ignore the bounds
    assert all(set(value) == {"type", "minLength", "maxLength"} for value in properties.values())
    assert json_schema(lengths=False)["properties"] == {name: {"type": "string"} for name in properties}


def as_pattern(grammar: str) -> re.Pattern[str]:
    """The grammar as a regular expression, by hand: literals, one rule, repetitions."""
    root, char = (line.split(" ::= ")[1] for line in grammar.strip().splitlines())
    assert char == r'[^"\\\x00-\x1F\x7F] | "\\" ["\\/bfnrt]'
    one = r'(?:[^"\\\x00-\x1F\x7F]|\\["\\/bfnrt])'
    parts = re.findall(r'"((?:[^"\\]|\\.)*)"|char(\{\d+,\d+\})', root)
    pieces = (re.escape(text.replace('\\"', '"')) if not times else one + times for text, times in parts)
    return re.compile("".join(pieces))


def test_the_grammar_accepts_what_the_parser_accepts_without_white_space() -> None:
    pattern = as_pattern(gbnf())
    good = [
        Reasoning("x" * 80, "y" * 5),
        Reasoning("x" * 1200, "y" * 200),
        Reasoning('"ä😀\\\n\t/' * 12, "rot, blau"),
    ]
    for reasoning in good:
        text = json.dumps(
            {"CoT": reasoning.text, "keywords": reasoning.keywords}, ensure_ascii=False, separators=(",", ":")
        )
        assert pattern.fullmatch(text)
        assert parse(text, GENERATED) == reasoning
    body = "x" * 80
    for text in (
        f'{{"CoT": "{body}","keywords":"yyyyy"}}',
        f'{{"CoT":"{body[1:]}","keywords":"yyyyy"}}',
        f'{{"CoT":"{body}","keywords":"yyyy"}}',
        f'{{"CoT":"{body}\n","keywords":"yyyyy"}}',
        f'{{"CoT":"{body}\\u0041","keywords":"yyyyy"}}',
        f'{{"keywords":"yyyyy","CoT":"{body}"}}',
    ):
        assert not pattern.fullmatch(text)


def test_the_grammar_stays_under_the_repetition_limit_of_llama_cpp() -> None:
    assert max(int(number) for number in re.findall(r"\d+(?=})", gbnf())) <= 2000
