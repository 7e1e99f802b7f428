from __future__ import annotations

import json

import pytest

from lghrec_compute.dseg.schema import COT_CHARS, JSON_SCHEMA, KEYWORDS_CHARS, Reasoning, checked, parse
from lghrec_compute.errors import DataError


def test_reasoning_survives_json() -> None:
    reasoning = Reasoning('1. title: "Äpfel \\ "rot""\n', "Äpfel, rot")
    assert parse(reasoning.to_json()) == reasoning


def test_encoder_reads_keywords_first() -> None:
    assert Reasoning("because", "a, b").encoder_text == "keywords: a, b\nbecause"
    assert Reasoning("because", "").encoder_text == "because"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "not JSON"),
        ('```json\n{"CoT": "x", "keywords": "y"}\n```', "not JSON"),
        ('{"CoT": "x", "keywords": "y"', "not JSON"),
        ('{"CoT": "x", "CoT": "z", "keywords": "y"}', "a key is given twice"),
        ('["CoT", "keywords"]', "got list"),
        ('{"CoT": "x"}', r"got \['CoT'\], expected \['CoT', 'keywords'\]"),
        ('{"CoT": "x", "keywords": "y", "note": ""}', "got .*'note'"),
        ('{"CoT": ["x"], "keywords": "y"}', "CoT is no string: got list"),
        ('{"CoT": "x", "keywords": null}', "keywords is no string: got NoneType"),
        ('{"CoT": "", "keywords": "y"}', "CoT has 0 characters, expected 1 to 1,200"),
        (json.dumps({"CoT": "x" * 1201, "keywords": "y"}), "CoT has 1,201 characters"),
        (json.dumps({"CoT": "x", "keywords": "y" * 201}), "keywords has 201 characters, expected 1 to 200"),
    ],
)
def test_anything_but_the_strict_form_is_refused(text: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        parse(text)


def test_bounds_are_those_of_the_json_schema() -> None:
    longest = Reasoning("x" * COT_CHARS[1], "y" * KEYWORDS_CHARS[1])
    assert checked(longest) is longest
    properties = JSON_SCHEMA["properties"]
    assert isinstance(properties, dict)
    assert {name: (value["minLength"], value["maxLength"]) for name, value in properties.items()} == {
        "CoT": COT_CHARS,
        "keywords": KEYWORDS_CHARS,
    }
