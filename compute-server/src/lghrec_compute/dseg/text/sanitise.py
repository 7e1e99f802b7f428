"""Takes the power out of control tokens in item texts: sellers write them, and chat templates obey them.

A template turns `<|im_end|>` inside an item's text into the real token. Each such stretch is broken with
U+2060 (word joiner, without width) after its first character; nothing is removed, so nothing can be joined.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from lghrec_compute.json_types import json_sha256

VERSION = 1
"""Part of the key of every generated text; raise it with any change of what is broken."""

FENCE_OPEN, FENCE_CLOSE = "<item>", "</item>"
"""Between them stands data."""

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
    """For one tokenizer: `control_tokens` are all of its added tokens, special or not.

    Tokens of one character and of white space are left alone: they cannot be broken, and steer nothing.
    """

    def __init__(self, control_tokens: Iterable[str] = ()) -> None:
        tokens = sorted(
            {token for token in control_tokens if len(token.strip()) > 1}, key=lambda t: (-len(t), t)
        )
        self._pattern = re.compile("|".join([*map(re.escape, tokens), *_ANY_TOKENIZER]), re.IGNORECASE)
        self.sha256 = json_sha256({"version": VERSION, "tokens": tokens})

    def __call__(self, text: str) -> str:
        """The text with every control token broken, also those hidden by case, width or format characters."""
        while places := self._places(text):
            for place in reversed(places):
                text = text[:place] + _JOINER + text[place:]
        return text

    def _places(self, text: str) -> list[int]:
        """Where to break: behind the first character of each match, as offsets into `text`."""
        if text.isascii():
            return [match.start() + 1 for match in self._pattern.finditer(text)]
        if not self._pattern.search(_fold(text)) and not self._pattern.search(text):
            return []
        folded, origin = _fold_with_origin(text)
        places = {origin[match.start()] + 1 for match in self._pattern.finditer(folded)}
        places |= {match.start() + 1 for match in self._pattern.finditer(text)}
        return sorted(places)


def fenced(text: str) -> str:
    """The text between marks that it cannot hold itself, once it is sanitised."""
    return f"{FENCE_OPEN}\n{text}\n{FENCE_CLOSE}"


def _fold(text: str) -> str:
    return unicodedata.normalize("NFKC", _FORMAT.sub("", text))


def _fold_with_origin(text: str) -> tuple[str, list[int]]:
    """The folded text, and for each of its characters the offset in `text` that it is from."""
    parts, origin = [], []
    for offset, character in enumerate(text):
        folded = _fold(character)
        parts.append(folded)
        origin += [offset] * len(folded)
    return "".join(parts), origin
