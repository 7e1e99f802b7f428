"""Whether what a reasoning text quotes is in the item's own text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

MIN_QUOTE_CHARS = 8
FUZZY_RATIO = 90.0

# A single quote inside a word is an apostrophe; straight marks never span a line. Short quotes are matched
# too, then left out: else the words between two of them would look like a quote.
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
    """A quote at `cot[start:end]`, marks left out. `exact` implies `fuzzy`."""

    start: int
    end: int
    exact: bool
    fuzzy: bool


def fold(text: str) -> str:
    """NFKC, case folded, each quote mark one of two, each run of white space one space."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return " ".join(folded.translate(_QUOTE_MARKS).replace("\u2060", "").split())


def quote_spans(cot: str, text: str) -> list[QuoteSpan]:
    """The quotes of at least 8 characters in `cot`, each looked for in `text`.

    Exact: a part of the folded text. Fuzzy: rapidfuzz's `partial_ratio` with it is 90 or more.
    """
    folded = fold(text)
    spans = (match.span(match.lastindex or 0) for match in _QUOTE.finditer(cot))
    return [_checked(span, cot, folded) for span in spans if span[1] - span[0] >= MIN_QUOTE_CHARS]


def grounded_share(spans: Sequence[QuoteSpan]) -> float:
    """Share of quotes found word for word; 0 without quotes."""
    return sum(span.exact for span in spans) / len(spans) if spans else 0.0


def _checked(span: tuple[int, int], cot: str, folded_text: str) -> QuoteSpan:
    start, end = span
    quote = fold(cot[start:end])
    exact = bool(quote) and quote in folded_text
    return QuoteSpan(start, end, exact, exact or _is_near(quote, folded_text))


def _is_near(quote: str, folded_text: str) -> bool:
    # partial_ratio slides the shorter one: a quote longer than the text would be near any part of itself
    compare = fuzz.partial_ratio if len(quote) <= len(folded_text) else fuzz.ratio
    return bool(quote) and compare(quote, folded_text, score_cutoff=FUZZY_RATIO) >= FUZZY_RATIO
