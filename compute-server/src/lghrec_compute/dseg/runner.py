"""Items in, texts for the encoder out; equal descriptions are worked on once.

Shapes: I items.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from lghrec_compute.dseg.encode import TextEncoder
from lghrec_compute.dseg.prompt import ItemText, item_text
from lghrec_compute.dseg.providers import TextProvider
from lghrec_compute.dseg.schema import Reasoning
from lghrec_compute.errors import ConfigError, DataError, Violation
from lghrec_compute.types import Bools, Floats

THIN_WORDS = 25
"""A description with fewer words is flagged: there is little to reason about."""

_TICK_ITEMS = 1000


@dataclass(frozen=True)
class TextRow:
    """One item: what the encoder reads ("" for an item without text), its keywords, flags among
    `no_text`, `thin`, `truncated`."""

    text: str
    keywords: str = ""
    flags: tuple[str, ...] = ()

    @property
    def sha256(self) -> str:
        """SHA-256 of the text."""
        return hashlib.sha256(self.text.encode()).hexdigest()


@dataclass(frozen=True)
class ItemTexts:
    """A row for each item [I], and how many descriptions had to be worked on."""

    rows: tuple[TextRow, ...]
    num_generated: int

    def mask(self) -> Bools:
        """True where an item has text, [I]."""
        return np.array([bool(row.text) for row in self.rows], dtype=np.bool_)


def describe_items(
    item_texts: Mapping[str, Sequence[str]],
    provider: TextProvider,
    *,
    fields: Sequence[str] = (),
    tick: Callable[[int, int], None] = lambda _done, _total: None,
) -> ItemTexts:
    """Makes each item's description from `fields`, in order (empty: all), and asks the provider for it.

    `item_texts` has [I] values for each field. `tick(done, total)` is called now and then and may raise to
    stop. Raises `ConfigError` for a field that is not there, `DataError` if no item has any text.
    """
    names = _checked_fields(fields, item_texts)
    columns = (item_texts[name] for name in names)
    items = [item_text(dict(zip(names, values, strict=True))) for values in zip(*columns, strict=True)]
    if not any(item.fields for item in items):
        raise DataError(
            f"text-less data set: none of its items has text in {', '.join(names) or 'any field'}",
            hint="leave semantic out, or add item texts: in format recbole, token_seq columns of <name>.item",
        )
    known: dict[ItemText, Reasoning] = {}
    rows = []
    for done, item in enumerate(items):
        if done % _TICK_ITEMS == 0:
            tick(done, len(items))
        if item.fields and item not in known:
            known[item] = provider.generate(item)
        rows.append(_row(item, known.get(item)))
    tick(len(items), len(items))
    return ItemTexts(tuple(rows), num_generated=len(known))


def _checked_fields(fields: Sequence[str], item_texts: Mapping[str, object]) -> tuple[str, ...]:
    missing = [name for name in fields if name not in item_texts]
    if missing:
        there = ", ".join(item_texts) or "none"
        message = f"got {', '.join(map(repr, missing))}, expected text fields of the data set: {there}"
        raise ConfigError(f"semantic.fields: {message}", violations=(Violation("semantic.fields", message),))
    return tuple(fields) or tuple(item_texts)


def _row(item: ItemText, reasoning: Reasoning | None) -> TextRow:
    if reasoning is None:
        return TextRow("", flags=("no_text",))
    num_words = sum(len(value.split()) for _label, value in item.fields)
    flags = ("thin",) if num_words < THIN_WORDS else ()
    return TextRow(reasoning.encoder_text, reasoning.keywords, flags)


def encode_items(
    texts: ItemTexts,
    encoder: TextEncoder,
    *,
    max_tokens: int,
    tick: Callable[[int, int], None] = lambda _done, _total: None,
) -> tuple[Floats, tuple[TextRow, ...]]:
    """Encodes each distinct text once: vectors [I, C], zero without text; rows with `truncated` flagged."""
    distinct = sorted({row.text for row in texts.rows if row.text})
    encoded = encoder.encode(distinct, max_tokens=max_tokens, tick=tick)
    index = {text: number for number, text in enumerate(distinct)}
    vectors_IC = np.zeros((len(texts.rows), encoder.dim), dtype=np.float32)
    rows = list(texts.rows)
    for item, row in enumerate(texts.rows):
        if row.text:
            vectors_IC[item] = encoded.vectors_NC[index[row.text]]
            if encoded.truncated_N[index[row.text]]:
                rows[item] = replace(row, flags=(*row.flags, "truncated"))
    return vectors_IC, tuple(rows)
