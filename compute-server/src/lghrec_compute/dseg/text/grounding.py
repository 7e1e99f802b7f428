"""Checks whether the quotes of a reasoning text are in the item's description."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

MIN_QUOTE_CHARS = 8
FUZZY_RATIO = 90.0

# A single quotation mark inside a word is an apostrophe, and straight marks never span several lines. Short
# quotes are matched and then ignored; otherwise the words between two of them would look like a quote.
_QUOTE = re.compile(
    r'"([^"\n]+)"'
    r"|“([^“”]+)”"
    r"|«([^«»]+)»"
    r"|‘([^‘\n]+?)’(?!\w)"
    r"|(?<!\w)'([^\n]+?)'(?!\w)"
)
_QUOTE_MARKS = str.maketrans(dict.fromkeys('“”„‟«»"', '"') | dict.fromkeys("‘’‚‛`´", "'"))


@dataclass(frozen=True)
class QuoteSpan:
    """A quote at `reasoning[start:end]`, without its quotation marks. `exact` implies `fuzzy`."""

    start: int
    end: int
    exact: bool
    fuzzy: bool


def fold(text: str) -> str:
    """Return the text in NFKC and case folded, with two kinds of quotation marks and single spaces."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return " ".join(folded.translate(_QUOTE_MARKS).replace("\u2060", "").split())


def quote_spans(reasoning: str, description: str) -> list[QuoteSpan]:
    """Return the quotes of at least 8 characters in a reasoning text, each searched for in the item's
    description.

    Exact means that the folded description contains the folded quote. Fuzzy means that rapidfuzz's
    `partial_ratio` of the two is at least 90.
    """
    folded = fold(description)
    spans = (match.span(match.lastindex or 0) for match in _QUOTE.finditer(reasoning))
    return [_checked(span, reasoning, folded) for span in spans if span[1] - span[0] >= MIN_QUOTE_CHARS]


def grounded_share(spans: Sequence[QuoteSpan]) -> float:
    """Return the share of quotes that are in the description word for word, 0 without quotes."""
    return sum(span.exact for span in spans) / len(spans) if spans else 0.0


def _checked(span: tuple[int, int], reasoning: str, folded_description: str) -> QuoteSpan:
    start, end = span
    quote = fold(reasoning[start:end])
    exact = bool(quote) and quote in folded_description
    return QuoteSpan(start, end, exact, exact or _is_near(quote, folded_description))


def _is_near(quote: str, folded_description: str) -> bool:
    # partial_ratio slides the shorter text along the longer one, so it suits only quotes that are shorter
    compare = fuzz.partial_ratio if len(quote) <= len(folded_description) else fuzz.ratio
    return bool(quote) and compare(quote, folded_description, score_cutoff=FUZZY_RATIO) >= FUZZY_RATIO
