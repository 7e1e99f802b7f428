"""From items to the texts that the encoder reads. Equal descriptions are processed once.

Shapes: I items.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from lghrec_compute.dseg.text.outcome import Outcome, Status, Usage
from lghrec_compute.dseg.text.prompt import ItemText, item_text
from lghrec_compute.dseg.text.providers import PROVIDERS, TextProvider
from lghrec_compute.dseg.text.schema import Reasoning
from lghrec_compute.errors import ConfigError, DataError
from lghrec_compute.types import Bools

THIN_WORDS = 25
"""A description with fewer words gets the flag `thin`: it gives little to reason about."""

Tick = Callable[[int, int], None]

_TICK_ITEMS = 1000


@dataclass(frozen=True)
class TextRow:
    """One item: the text that the encoder reads ("" for an item without text), its keywords, and its flags.

    Flags: `no_text`; `thin`; `truncated_input` (cut at the prompt's token budget); `repaired`; `fallback`;
    `truncated` (cut by the encoder).
    """

    text: str
    keywords: str = ""
    flags: tuple[str, ...] = ()

    @property
    def sha256(self) -> str:
        """SHA-256 of the text."""
        return hashlib.sha256(self.text.encode()).hexdigest()


@dataclass(frozen=True)
class ItemReasoning:
    """An item's description and reasoning. `outcome` is the language model's result, None without a model."""

    description: str
    reasoning: Reasoning | None
    outcome: Outcome | None = None

    @property
    def status(self) -> Status:
        """Status of the model's answer. It is ok if the text source needs no model."""
        return self.outcome.status if self.outcome else "ok"

    @property
    def usage(self) -> Usage:
        """Tokens of the answer that was used."""
        return self.outcome.usage if self.outcome else Usage()


@dataclass(frozen=True)
class ItemTexts:
    """A row and a reasoning for each item [I], and the number of descriptions that were processed."""

    rows: tuple[TextRow, ...]
    num_generated: int
    reasonings: tuple[ItemReasoning, ...] = ()

    def mask(self) -> Bools:
        """Return True for the items with text, [I]."""
        return np.array([bool(row.text) for row in self.rows], dtype=np.bool_)


def read_items(item_texts: Mapping[str, Sequence[str]], fields: Sequence[str] = ()) -> list[ItemText]:
    """Return each item's description [I] from `fields` in order. Without `fields`, all fields are used.

    `item_texts` contains [I] values per field. Raises `ConfigError` for a missing field, and `DataError` if
    no item has text.
    """
    names = _checked_fields(fields, item_texts)
    columns = (item_texts[name] for name in names)
    items = [item_text(dict(zip(names, values, strict=True))) for values in zip(*columns, strict=True)]
    if not any(item.fields for item in items):
        raise DataError(
            f"the data set has no texts: no item has text in {', '.join(names) or 'any field'}",
            hint="leave semantic out, or add item texts: in format recbole, token_seq columns of <name>.item",
        )
    return items


def describe_items(
    item_texts: Mapping[str, Sequence[str]],
    provider: TextProvider,
    *,
    fields: Sequence[str] = (),
    tick: Tick = lambda _done, _total: None,
) -> ItemTexts:
    """Generate the text of each item with a provider that needs no language model.

    `tick(done, total)` is called regularly and may raise to stop. Raises the errors of `read_items`.
    """
    items = read_items(item_texts, fields)
    known: dict[ItemText, Reasoning] = {}
    rows, reasonings = [], []
    for done, item in enumerate(items):
        if done % _TICK_ITEMS == 0:
            tick(done, len(items))
        if item.fields and item not in known:
            known[item] = provider.generate(item)
        reasoning = known.get(item)
        rows.append(_row(item, reasoning, ()))
        reasonings.append(ItemReasoning(item.text, reasoning))
    tick(len(items), len(items))
    return ItemTexts(tuple(rows), len(known), tuple(reasonings))


def distinct(items: Sequence[ItemText]) -> list[ItemText]:
    """Return the different non-empty descriptions, in order of appearance."""
    return list(dict.fromkeys(item for item in items if item.fields))


@dataclass(frozen=True)
class GeneratedText:
    """The outcome of a description's request. `is_cut` means that the description was over the prompt's
    budget."""

    outcome: Outcome
    is_cut: bool = False


def join_outcomes(items: Sequence[ItemText], generated: Mapping[ItemText, GeneratedText]) -> ItemTexts:
    """Assign to each item [I] the outcome of its description, and the item's own text if there is no valid
    answer.

    This fallback is the paper's variant RawText. It gets the flag `fallback`; no reasoning is invented.
    """
    rows, reasonings = [], []
    for item in items:
        ended = generated.get(item)
        outcome = ended.outcome if ended else None
        reasoning = outcome.reasoning if outcome else None
        flags = [
            name
            for name, applies in (
                ("truncated_input", ended is not None and ended.is_cut),
                ("repaired", outcome is not None and outcome.repaired),
                ("fallback", outcome is not None and reasoning is None),
            )
            if applies
        ]
        text = reasoning or (PROVIDERS["raw_text"].generate(item) if ended else None)
        rows.append(_row(item, text, flags))
        reasonings.append(ItemReasoning(item.text, reasoning, outcome))
    paid = {ended.outcome.key for ended in generated.values() if not ended.outcome.cached}
    return ItemTexts(tuple(rows), len(paid), tuple(reasonings))


def _checked_fields(fields: Sequence[str], item_texts: Mapping[str, object]) -> tuple[str, ...]:
    missing = [name for name in fields if name not in item_texts]
    if missing:
        there = ", ".join(item_texts) or "none"
        message = f"got {', '.join(map(repr, missing))}, expected text fields of the data set: {there}"
        raise ConfigError.at("semantic.fields", message)
    return tuple(fields) or tuple(item_texts)


def _row(item: ItemText, reasoning: Reasoning | None, flags: Sequence[str]) -> TextRow:
    if reasoning is None:
        return TextRow("", flags=("no_text",))
    thin = ("thin",) if item.num_words < THIN_WORDS else ()
    return TextRow(reasoning.encoder_text, reasoning.keywords, (*thin, *flags))
