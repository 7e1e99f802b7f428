"""Figures over generated texts: how many can be used, whether items bear them out, how alike they are.

Shares are of the items with text unless the name says otherwise, each with its count for an interval.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from lghrec_compute.dseg.text.grounding import fold, quote_spans
from lghrec_compute.dseg.text.item_texts import ItemReasoning, ItemTexts
from lghrec_compute.dseg.text.outcome import Outcome
from lghrec_compute.dseg.text.prompt import SYSTEM, TEMPLATES

_WORD = re.compile(r"\w+")
_SHINGLE = 6  # words in a row that do not agree by chance


@dataclass
class OutcomeCounts:
    """Live counts over outcomes; `text` is the description an outcome was made from."""

    num: int = 0
    cached: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    repaired: int = 0
    quotes: int = 0
    exact: int = 0
    fuzzy: int = 0

    def add(self, outcome: Outcome, text: str) -> None:
        """Counts one."""
        self.num += 1
        self.cached += outcome.cached
        self.statuses[outcome.status] += 1
        self.repaired += outcome.repaired
        if outcome.reasoning:
            spans = quote_spans(outcome.reasoning.text, text)
            self.quotes += len(spans)
            self.exact += sum(span.exact for span in spans)
            self.fuzzy += sum(span.fuzzy for span in spans)

    @property
    def valid(self) -> float:
        """Share of outcomes with a text that can be used."""
        return share(self.statuses["ok"], self.num)

    @property
    def grounded(self) -> float:
        """Share of quotes that the item's text has word for word."""
        return share(self.exact, self.quotes)


@dataclass(frozen=True)
class Figure:
    """`count` of `total`, with the Wilson interval of 95 %."""

    count: int
    total: int

    @property
    def value(self) -> float:
        """The share; 0 of nothing."""
        return share(self.count, self.total)

    @property
    def interval(self) -> tuple[float, float]:
        """Bounds of the share."""
        return wilson(self.count, self.total)


def text_figures(texts: ItemTexts) -> dict[str, Figure]:
    """Figures by name.

    valid, strict, repaired, truncated, refused, failed, fallback: of items with text. grounded_exact,
    grounded_fuzzy: of quotes. duplicate: texts that an item with another description has too. junk: texts
    with hardly a word. echo: with six words in a row of the instruction. copy: of the examples in a prompt.
    novel_keywords: keywords without a word of the item's text. distinct_1, distinct_2: different words and
    pairs of words, of all.
    """
    sources = [source for source in texts.reasonings if source.description]
    num = len(sources)
    made = [source for source in sources if source.reasoning]
    ended = Counter(source.status for source in sources)
    repaired = sum(bool(source.outcome and source.outcome.repaired) for source in sources)
    counts = {
        "valid": len(made),
        "strict": len(made) - repaired,
        "repaired": repaired,
        "fallback": num - len(made),
        **{name: ended[name] for name in ("truncated", "refused", "invalid", "failed")},
    }
    return {
        **{name: Figure(count, num) for name, count in counts.items()},
        **_grounding(made),
        **_style(made),
        "duplicate": Figure(_duplicates(made), len(made)),
        "novel_keywords": _novel_keywords(made),
        "distinct_1": _distinct(made, 1),
        "distinct_2": _distinct(made, 2),
    }


def wilson(count: int, total: int, z: float = 1.959964) -> tuple[float, float]:
    """Wilson's interval for a share; (0, 1) for a share of nothing."""
    if total == 0:
        return 0.0, 1.0
    value, square = count / total, z * z / total
    centre = (value + square / 2) / (1 + square)
    half = z * math.sqrt(value * (1 - value) / total + square / (4 * total)) / (1 + square)
    return max(0.0, centre - half), min(1.0, centre + half)


def share(count: int, total: int) -> float:
    """count / total; 0 of nothing."""
    return count / total if total else 0.0


def is_junk(cot: str) -> bool:
    """Fewer than three different words, or one word makes up more than half of ten or more."""
    words = _WORD.findall(cot.casefold())
    counts = Counter(words)
    return len(counts) < 3 or (len(words) >= 10 and counts.most_common(1)[0][1] > len(words) / 2)


def _grounding(made: Sequence[ItemReasoning]) -> dict[str, Figure]:
    spans = [span for source in made for span in quote_spans(_cot(source), source.description)]
    return {
        "grounded_exact": Figure(sum(span.exact for span in spans), len(spans)),
        "grounded_fuzzy": Figure(sum(span.fuzzy for span in spans), len(spans)),
    }


def _style(made: Sequence[ItemReasoning]) -> dict[str, Figure]:
    instruction = _shingles(SYSTEM)
    examples: set[tuple[str, ...]] = set()
    for template in TEMPLATES.values():
        examples.update(*(_shingles(text) for shot in template.shots for text in shot))
    examples -= instruction
    cots = [_cot(source) for source in made]
    return {
        "junk": Figure(sum(map(is_junk, cots)), len(cots)),
        "echo": Figure(sum(not instruction.isdisjoint(_shingles(cot)) for cot in cots), len(cots)),
        "copy": Figure(sum(not examples.isdisjoint(_shingles(cot)) for cot in cots), len(cots)),
    }


def _duplicates(made: Sequence[ItemReasoning]) -> int:
    """Items whose reasoning belongs to another description too."""
    owners: dict[str, set[str]] = {}
    for source in made:
        owners.setdefault(_cot(source), set()).add(source.description)
    return sum(len(owners[_cot(source)]) > 1 for source in made)


def _novel_keywords(made: Sequence[ItemReasoning]) -> Figure:
    total = novel = 0
    for source in made:
        own = set(_WORD.findall(fold(source.description)))
        keywords = source.reasoning.keyword_list if source.reasoning else []
        total += len(keywords)
        novel += sum(own.isdisjoint(_WORD.findall(fold(keyword))) for keyword in keywords)
    return Figure(novel, total)


def _distinct(made: Iterable[ItemReasoning], length: int) -> Figure:
    seen: set[tuple[str, ...]] = set()
    total = 0
    for source in made:
        grams = _grams(_cot(source), length)
        seen.update(grams)
        total += len(grams)
    return Figure(len(seen), total)


def _shingles(text: str) -> set[tuple[str, ...]]:
    return set(_grams(text, _SHINGLE))


def _grams(text: str, length: int) -> list[tuple[str, ...]]:
    words = _WORD.findall(text.casefold())
    return list(zip(*(words[start:] for start in range(length)), strict=False))


def _cot(source: ItemReasoning) -> str:
    return source.reasoning.text if source.reasoning else ""
