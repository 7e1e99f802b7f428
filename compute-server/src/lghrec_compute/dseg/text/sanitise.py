"""Breaks control tokens in item texts. Sellers write them into texts, and chat templates would obey them.

A chat template turns `<|im_end|>` in an item's text into the real control token. Each match is broken by
U+2060 (word joiner, zero width) after its first character. No character is removed, so no new control token
can form.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from lghrec_compute.json_types import json_sha256

VERSION = 1
"""Part of the key of every generated text. Increase it with each change of what is broken."""

FENCE_OPEN, FENCE_CLOSE = "<item>", "</item>"
"""The text between the two marks is data."""

_JOINER = "\u2060"
_ANY_TOKENIZER = (
    r"<\|[^|<>]{0,64}\|>",
    r"<｜[^｜<>]{0,64}｜>",
    r"\[/?(?:INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS)\]",
    r"</?(?:think|tool_call|tool_response|start_of_turn|end_of_turn|bos|eos|s|item)>",
    r"<</?SYS>>",
)
_FORMAT = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2061-\u2064\ufe00-\ufe0f\ufeff]")


class Sanitiser:
    """Sanitises texts for one tokenizer. `control_tokens` are all tokens added to its vocabulary, special or
    not.

    Tokens of one character and of white space are not broken: they cannot be, and they control nothing.
    """

    def __init__(self, control_tokens: Iterable[str] = ()) -> None:
        tokens = sorted(
            {token for token in control_tokens if len(token.strip()) > 1}, key=lambda t: (-len(t), t)
        )
        self._pattern = re.compile("|".join([*map(re.escape, tokens), *_ANY_TOKENIZER]), re.IGNORECASE)
        self.sha256 = json_sha256({"version": VERSION, "tokens": tokens})

    def __call__(self, text: str) -> str:
        """Return the text with every control token broken, also those hidden by case, width or format
        characters."""
        while offsets := self._break_points(text):
            for offset in reversed(offsets):
                text = text[:offset] + _JOINER + text[offset:]
        return text

    def _break_points(self, text: str) -> list[int]:
        """Return the offsets into `text` at which to break: after the first character of each match."""
        if text.isascii():
            return [match.start() + 1 for match in self._pattern.finditer(text)]
        if not self._pattern.search(_fold(text)) and not self._pattern.search(text):
            return []
        folded, origin = _fold_with_origin(text)
        offsets = {origin[match.start()] + 1 for match in self._pattern.finditer(folded)}
        offsets |= {match.start() + 1 for match in self._pattern.finditer(text)}
        return sorted(offsets)


def fenced(text: str) -> str:
    """Return the text between two marks, which a sanitised text cannot contain."""
    return f"{FENCE_OPEN}\n{text}\n{FENCE_CLOSE}"


def _fold(text: str) -> str:
    return unicodedata.normalize("NFKC", _FORMAT.sub("", text))


def _fold_with_origin(text: str) -> tuple[str, list[int]]:
    """Return the folded text, and for each of its characters the offset of its origin in `text`."""
    parts, origin = [], []
    for offset, character in enumerate(text):
        folded = _fold(character)
        parts.append(folded)
        origin += [offset] * len(folded)
    return "".join(parts), origin
