"""The text providers that need no language model, and their names in specs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain, islice, zip_longest
from typing import Protocol

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


class TextProvider(Protocol):
    """Creates the reasoning of one item from its text only. Equal texts get equal reasonings."""

    def generate(self, item: ItemText) -> Reasoning:
        """Return the reasoning of an item with at least one field."""
        ...


class Extractive:
    """Reasoning without a language model: up to five characteristics, each with a quote of the item's text.

    Every quote and keyword is copied from the item's text, so the result is always grounded. It has the form
    of an answer to the prompt of Figure 4, but it infers nothing. Equal texts give equal results.
    """

    def generate(self, item: ItemText) -> Reasoning:
        """Return characteristics from the fields in turn, beginning with the first sentence of each field."""
        quotes = list(islice(dict.fromkeys(_in_turn(item)), MAX_CHARACTERISTICS))
        steps = (f'{number}. {label}: "{quote}"' for number, (label, quote) in enumerate(quotes, 1))
        return checked(Reasoning(text="\n".join(steps), keywords=", ".join(keywords(item))))


class RawText:
    """The item's own text without changes: the paper's variant LGHRec-RawText (Table 2).

    There is no reasoning and there are no keywords. The text can have any length; the encoder cuts it.
    """

    def generate(self, item: ItemText) -> Reasoning:
        """Return the values of the fields, one per line, without labels, because all items have the same
        labels."""
        return Reasoning(text="\n".join(value for _label, value in item.fields), keywords="")


PROVIDERS: dict[str, TextProvider] = {"extractive": Extractive(), "raw_text": RawText()}
"""Providers by the name that a spec uses."""


def keywords(item: ItemText) -> list[str]:
    """Return distinct words that carry meaning, in order of appearance, or the start of the text if there are
    none.

    The fields take turns with five words each, so that a long field does not displace the others.
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
    """Yield the first quote of each field, then the second quote of each field, and so on."""
    for turn in zip_longest(*(_quotes(label, value) for label, value in item.fields)):
        yield from (quote for quote in turn if quote is not None)


def _quotes(label: str, value: str) -> Iterator[tuple[str, str]]:
    for sentence in _SENTENCE_END.split(value):
        yield label, _cut(sentence)


def _cut(sentence: str) -> str:
    """Return the start of a sentence. It ends with a whole word if it contains more than one."""
    if len(sentence) <= MAX_QUOTE_CHARS:
        return sentence
    head, _, _ = sentence[: MAX_QUOTE_CHARS + 1].rpartition(" ")
    return head or sentence[:MAX_QUOTE_CHARS]


def _is_keyword(word: str) -> bool:
    return 1 < len(word) <= MAX_KEYWORD_CHARS and word.casefold() not in _STOP_WORDS
