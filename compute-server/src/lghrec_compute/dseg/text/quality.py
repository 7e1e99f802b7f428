"""Figures about generated texts: how many are usable, whether the items support them, how similar they are.

Unless a name says otherwise, a share is of the items with text. Each share has its counts, for an interval.
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
_SHINGLE = 6  # so many successive words rarely match by accident


@dataclass
class OutcomeCounts:
    """Running counts of outcomes."""

    num: int = 0
    cached: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    repaired: int = 0
    quotes: int = 0
    exact: int = 0
    fuzzy: int = 0

    def add(self, outcome: Outcome, text: str) -> None:
        """Count one outcome. `text` is the item's description."""
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
        """Share of outcomes with a usable text."""
        return share(self.statuses["ok"], self.num)

    @property
    def grounded(self) -> float:
        """Share of quotes that are in the item's description word for word."""
        return share(self.exact, self.quotes)


@dataclass(frozen=True)
class Figure:
    """A share `count` / `total` with its Wilson interval at the confidence level 95 %."""

    count: int
    total: int

    @property
    def value(self) -> float:
        """The share, 0 if `total` is 0."""
        return share(self.count, self.total)

    @property
    def interval(self) -> tuple[float, float]:
        """Lower and upper bound of the share."""
        return wilson(self.count, self.total)


def text_figures(texts: ItemTexts) -> dict[str, Figure]:
    """Return figures by name.

    - valid, strict, repaired, truncated, refused, invalid, failed, fallback: shares of the items with text.
    - grounded_exact, grounded_fuzzy: shares of the quotes.
    - duplicate: texts that an item with another description also has.
    - junk: texts with hardly any words.
    - echo: texts with six successive words of the instruction.
    - copy: texts with six successive words of the examples in a prompt.
    - novel_keywords: keywords without a word of the item's description.
    - distinct_1, distinct_2: number of different words, or word pairs, divided by the number of all of them.
    """
    items = [item for item in texts.reasonings if item.description]
    num = len(items)
    valid = [item for item in items if item.reasoning]
    ended = Counter(item.status for item in items)
    repaired = sum(bool(item.outcome and item.outcome.repaired) for item in items)
    counts = {
        "valid": len(valid),
        "strict": len(valid) - repaired,
        "repaired": repaired,
        "fallback": num - len(valid),
        **{name: ended[name] for name in ("truncated", "refused", "invalid", "failed")},
    }
    return {
        **{name: Figure(count, num) for name, count in counts.items()},
        **_grounding(valid),
        **_style(valid),
        "duplicate": Figure(_duplicates(valid), len(valid)),
        "novel_keywords": _novel_keywords(valid),
        "distinct_1": _distinct(valid, 1),
        "distinct_2": _distinct(valid, 2),
    }


def wilson(count: int, total: int, z: float = 1.959964) -> tuple[float, float]:
    """Return Wilson's interval of a share, (0, 1) if `total` is 0."""
    if total == 0:
        return 0.0, 1.0
    value, square = count / total, z * z / total
    centre = (value + square / 2) / (1 + square)
    half = z * math.sqrt(value * (1 - value) / total + square / (4 * total)) / (1 + square)
    return max(0.0, centre - half), min(1.0, centre + half)


def share(count: int, total: int) -> float:
    """Return count / total, 0 if `total` is 0."""
    return count / total if total else 0.0


def is_junk(text: str) -> bool:
    """Return True for fewer than three different words, and if one word is more than half of at least ten
    words."""
    words = _WORD.findall(text.casefold())
    counts = Counter(words)
    return len(counts) < 3 or (len(words) >= 10 and counts.most_common(1)[0][1] > len(words) / 2)


def _grounding(items: Sequence[ItemReasoning]) -> dict[str, Figure]:
    spans = [span for item in items for span in quote_spans(_text(item), item.description)]
    return {
        "grounded_exact": Figure(sum(span.exact for span in spans), len(spans)),
        "grounded_fuzzy": Figure(sum(span.fuzzy for span in spans), len(spans)),
    }


def _style(items: Sequence[ItemReasoning]) -> dict[str, Figure]:
    instruction = _shingles(SYSTEM)
    examples: set[tuple[str, ...]] = set()
    for template in TEMPLATES.values():
        examples.update(*(_shingles(text) for shot in template.shots for text in shot))
    examples -= instruction
    texts = [_text(item) for item in items]
    return {
        "junk": Figure(sum(map(is_junk, texts)), len(texts)),
        "echo": Figure(sum(not instruction.isdisjoint(_shingles(text)) for text in texts), len(texts)),
        "copy": Figure(sum(not examples.isdisjoint(_shingles(text)) for text in texts), len(texts)),
    }


def _duplicates(items: Sequence[ItemReasoning]) -> int:
    """Return the number of items whose reasoning text also belongs to another description."""
    owners: dict[str, set[str]] = {}
    for item in items:
        owners.setdefault(_text(item), set()).add(item.description)
    return sum(len(owners[_text(item)]) > 1 for item in items)


def _novel_keywords(items: Sequence[ItemReasoning]) -> Figure:
    total = novel = 0
    for item in items:
        own = set(_WORD.findall(fold(item.description)))
        keywords = item.reasoning.keyword_list if item.reasoning else []
        total += len(keywords)
        novel += sum(own.isdisjoint(_WORD.findall(fold(keyword))) for keyword in keywords)
    return Figure(novel, total)


def _distinct(items: Iterable[ItemReasoning], length: int) -> Figure:
    seen: set[tuple[str, ...]] = set()
    total = 0
    for item in items:
        grams = _grams(_text(item), length)
        seen.update(grams)
        total += len(grams)
    return Figure(len(seen), total)


def _shingles(text: str) -> set[tuple[str, ...]]:
    return set(_grams(text, _SHINGLE))


def _grams(text: str, length: int) -> list[tuple[str, ...]]:
    words = _WORD.findall(text.casefold())
    return list(zip(*(words[start:] for start in range(length)), strict=False))


def _text(item: ItemReasoning) -> str:
    return item.reasoning.text if item.reasoning else ""
