"""What comes out of a text provider: strict JSON {"CoT", "keywords"}, two bounded strings."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from lghrec_compute.errors import DataError

COT_CHARS = (1, 1200)
KEYWORDS_CHARS = (1, 200)
"""Least and most characters of each string."""

JSON_SCHEMA = {
    "type": "object",
    "properties": {
        "CoT": {"type": "string", "minLength": COT_CHARS[0], "maxLength": COT_CHARS[1]},
        "keywords": {"type": "string", "minLength": KEYWORDS_CHARS[0], "maxLength": KEYWORDS_CHARS[1]},
    },
    "required": ["CoT", "keywords"],
    "additionalProperties": False,
}
"""Two plain typed strings with bounds and nothing else: other keywords make engines drop the bounds."""


@dataclass(frozen=True)
class Reasoning:
    """An item's reasoning text and its keywords, separated by commas."""

    cot: str
    keywords: str

    @property
    def encoder_text(self) -> str:
        """What the encoder reads: keywords first, so that a cut at its token limit never takes them."""
        return f"keywords: {self.keywords}\n{self.cot}" if self.keywords else self.cot

    def to_json(self) -> str:
        """The strict JSON form."""
        return json.dumps({"CoT": self.cot, "keywords": self.keywords}, ensure_ascii=False)


def parse(text: str) -> Reasoning:
    """Reads the strict JSON form. Raises `DataError` for anything else, with what was got and expected."""
    try:
        value = json.loads(text, object_pairs_hook=_no_repeats)
    except ValueError as error:
        raise DataError(f"reasoning is not JSON: {error}") from error
    if not isinstance(value, dict) or set(value) != {"CoT", "keywords"}:
        got = sorted(value) if isinstance(value, dict) else type(value).__name__
        raise DataError(f"reasoning has other keys: got {got}, expected ['CoT', 'keywords']")
    return checked(Reasoning(_text(value, "CoT"), _text(value, "keywords")))


def checked(reasoning: Reasoning) -> Reasoning:
    """Returns `reasoning` if both strings are within their bounds; raises `DataError` otherwise."""
    for name, text, (least, most) in (
        ("CoT", reasoning.cot, COT_CHARS),
        ("keywords", reasoning.keywords, KEYWORDS_CHARS),
    ):
        if not least <= len(text) <= most:
            raise DataError(f"{name} has {len(text):,} characters, expected {least} to {most:,}")
    return reasoning


def _text(value: dict[str, Any], name: str) -> str:
    if not isinstance(value[name], str):
        raise DataError(f"{name} is no string: got {type(value[name]).__name__}")
    return value[name]


def _no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("a key is given twice")
    return value
