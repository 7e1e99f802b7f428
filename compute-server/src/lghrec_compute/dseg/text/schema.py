"""The result of a text provider: strict JSON {"CoT", "keywords"} with two strings of bounded length."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from lghrec_compute.errors import DataError
from lghrec_compute.json_types import Json, json_sha256


@dataclass(frozen=True)
class Bounds:
    """Minimum and maximum number of characters of the reasoning text and of the keywords."""

    text: tuple[int, int]
    keywords: tuple[int, int]


TEXT_CHARS = (1, 1200)
KEYWORDS_CHARS = (1, 200)
ANY = Bounds(TEXT_CHARS, KEYWORDS_CHARS)
"""Bounds for providers that copy the item's text."""
GENERATED = Bounds((80, 1200), (5, 200))
"""Bounds for a language model. With at most one token per character, 1,536 tokens never cut a valid
object."""


@dataclass(frozen=True)
class Reasoning:
    """An item's reasoning text, and its keywords separated by commas."""

    text: str
    keywords: str

    @property
    def encoder_text(self) -> str:
        """The text that the encoder reads. Keywords come first, so that a cut at the encoder's token limit
        keeps them."""
        return f"keywords: {self.keywords}\n{self.text}" if self.keywords else self.text

    @property
    def keyword_list(self) -> list[str]:
        """The keywords as a list."""
        return [keyword for part in self.keywords.split(",") if (keyword := part.strip())]

    def to_json(self) -> str:
        """Return the strict JSON form."""
        return json.dumps({"CoT": self.text, "keywords": self.keywords}, ensure_ascii=False)


def json_schema(bounds: Bounds = GENERATED, *, lengths: bool = True) -> Json:
    """Return a JSON schema with two bounded strings and nothing else: further keywords make engines ignore
    the bounds.

    `lengths` False leaves the bounds out, for endpoints that reject them.
    """
    limits = {"CoT": bounds.text, "keywords": bounds.keywords}
    properties = {
        name: {"type": "string", **({"minLength": least, "maxLength": most} if lengths else {})}
        for name, (least, most) in limits.items()
    }
    return {
        "type": "object",
        "properties": properties,
        "required": ["CoT", "keywords"],
        "additionalProperties": False,
    }


def gbnf(bounds: Bounds = GENERATED) -> str:
    """Return the same language as a grammar of llama.cpp, without white space between the tokens of JSON.

    Small models can repeat unbounded white space for ever. An escape counts as one character and `\\u` is
    excluded, so the bounds are those of the parsed strings, and no half of a surrogate pair can occur.
    """
    text, keywords = (f"char{{{least},{most}}}" for least, most in (bounds.text, bounds.keywords))
    root = rf'root ::= "{{\"CoT\":\"" {text} "\",\"keywords\":\"" {keywords} "\"}}"'
    return root + "\n" + r'char ::= [^"\\\x00-\x1F\x7F] | "\\" ["\\/bfnrt]' + "\n"


SCHEMA_SHA256 = json_sha256([json_schema(), gbnf()])
"""Part of the key of every generated text."""


def parse(text: str, bounds: Bounds = ANY) -> Reasoning:
    """Read the strict JSON form. Raises `DataError` for anything else, with the actual and the expected
    form."""
    try:
        value = json.loads(text, object_pairs_hook=_no_repeats)
    except (ValueError, RecursionError) as error:
        raise DataError(f"reasoning is not JSON: {error}") from error
    if not isinstance(value, dict) or set(value) != {"CoT", "keywords"}:
        got = sorted(value) if isinstance(value, dict) else type(value).__name__
        raise DataError(f"reasoning has other keys: got {got}, expected ['CoT', 'keywords']")
    return checked(Reasoning(_text(value, "CoT"), _text(value, "keywords")), bounds)


def checked(reasoning: Reasoning, bounds: Bounds = ANY) -> Reasoning:
    """Return `reasoning` if both strings are within their bounds. Raises `DataError` otherwise."""
    for name, text, (least, most) in (
        ("CoT", reasoning.text, bounds.text),
        ("keywords", reasoning.keywords, bounds.keywords),
    ):
        if not least <= len(text) <= most:
            raise DataError(f"{name} has {len(text):,} characters, expected {least} to {most:,}")
        if not _is_text(text):
            raise DataError(f"{name} contains half of a surrogate pair, expected Unicode text")
    return reasoning


def _is_text(text: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in text)


def _text(value: dict[str, Any], name: str) -> str:
    if not isinstance(value[name], str):
        raise DataError(f"{name} is not a string: got {type(value[name]).__name__}")
    return value[name]


def _no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("a key occurs twice")
    return value
