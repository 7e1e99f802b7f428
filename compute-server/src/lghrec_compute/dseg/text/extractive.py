"""Reasoning without a language model: up to five characteristics, each with the item's words that show it.

Every quote and every keyword is copied from the item's own text, so the output is grounded by construction.
It answers the prompt of Figure 4 in form; it infers nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain, islice, zip_longest

from lghrec_compute.dseg.text.prompt import ItemText
from lghrec_compute.dseg.text.schema import KEYWORDS_CHARS, Reasoning, checked

MAX_CHARACTERISTICS = 5
MAX_QUOTE_CHARS = 160
MAX_KEYWORDS = 15
MAX_KEYWORD_CHARS = 40

_SENTENCE_END = re.compile(r"(?<=[.!?;])\s+")
_WORD = re.compile(r"\w[\w'’&+-]*")
_STOP_TEXT = """
a about after all also an and any are as at be been but by can for from had has have he her his how i if in
into is it its more most new no not of on one or our out over s she so some than that the their them then
there these they this to under up very was we were what when where which while who will with you your
"""
_STOP_WORDS = frozenset(_STOP_TEXT.split())


class Extractive:
    """Deterministic; reads nothing but the item."""

    def generate(self, item: ItemText) -> Reasoning:
        """Characteristics are taken in turn from the fields, first sentences first."""
        quotes = list(islice(dict.fromkeys(_in_turn(item)), MAX_CHARACTERISTICS))
        steps = (f'{number}. {label}: "{quote}"' for number, (label, quote) in enumerate(quotes, 1))
        return checked(Reasoning(text="\n".join(steps), keywords=", ".join(keywords(item))))


def keywords(item: ItemText) -> list[str]:
    """Distinct words that carry meaning, in order of appearance; the start of the text if there is none.

    Fields take turns in lists of five words, so that a long one does not crowd out those after it.
    """
    words = [[word for word in _WORD.findall(value) if _is_keyword(word)] for _label, value in item.fields]
    slices = [[part[start : start + 5] for start in range(0, len(part), 5)] for part in words]
    turns = chain.from_iterable(chain.from_iterable(turn) for turn in zip_longest(*slices, fillvalue=[]))
    distinct: dict[str, str] = {}
    for word in turns:
        distinct.setdefault(word.casefold(), word)
    picked: list[str] = []
    for word in distinct.values():
        if len(picked) < MAX_KEYWORDS and len(", ".join([*picked, word])) <= KEYWORDS_CHARS[1]:
            picked.append(word)
    return picked or [item.fields[0][1][:MAX_KEYWORD_CHARS]]


def _in_turn(item: ItemText) -> Iterator[tuple[str, str]]:
    """The first quote of each field, then the second of each, and so on."""
    for turn in zip_longest(*(_quotes(label, value) for label, value in item.fields)):
        yield from (quote for quote in turn if quote is not None)


def _quotes(label: str, value: str) -> Iterator[tuple[str, str]]:
    for sentence in _SENTENCE_END.split(value):
        yield label, _cut(sentence)


def _cut(sentence: str) -> str:
    """The head of a sentence, ending with a whole word where there is one to end with."""
    if len(sentence) <= MAX_QUOTE_CHARS:
        return sentence
    head, _, _ = sentence[: MAX_QUOTE_CHARS + 1].rpartition(" ")
    return head or sentence[:MAX_QUOTE_CHARS]


def _is_keyword(word: str) -> bool:
    return 1 < len(word) <= MAX_KEYWORD_CHARS and word.casefold() not in _STOP_WORDS
