"""The paper's prompt (Figure 4), and how an item's fields become the text that fills its slot."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

PROMPT_ID = "fig4@1"
"""Changes whenever a character of the template does."""

SYSTEM = (
    "You are a professional text analysis expert. Your task is to generate a detailed chain of thought "
    "analysis based on the item's textual description according to the five requirements listed below, and "
    "then summarize keywords that describe the item's characteristics. Each keyword must be should focus on "
    "the item's attributes. Please analyze objectively and rationally.\n"
    "1. The characteristic 1 of the item and the original text source of characteristic 1\n"
    "2. The characteristic 2 of the item and the original text source of characteristic 2\n"
    "3. The characteristic 3 of the item and the original text source of characteristic 3\n"
    "4. The characteristic 4 of the item and the original text source of characteristic 4\n"
    "5. The characteristic 5 of the item and the original text source of characteristic 5\n"
    'Provide response in strict JSON format:{"CoT":"Step-by-step analysis with source text '
    'references","keywords":"Summarized keywords"}'
)
_USER = "The text description of an item is as follows:"
_MAX_LABEL_CHARS = 40


@dataclass(frozen=True)
class Prompt:
    """The two messages of a request."""

    system: str
    user: str


@dataclass(frozen=True)
class ItemText:
    """An item's fields in the recipe's order, (label, value); values are never empty."""

    fields: tuple[tuple[str, str], ...]

    @property
    def text(self) -> str:
        """The description: one line `label: value` a field; "" for an item without any text."""
        return "\n".join(f"{label}: {value}" for label, value in self.fields)


def item_text(fields: Mapping[str, str]) -> ItemText:
    """The description recipe: the fields in the given order, each after its name, empty ones left out.

    Values are NFC with each run of white space made one space. A label is the field's name in lower case,
    with spaces for underscores, cut at 40 characters.
    """
    pairs = ((_label(name), _clean(value)) for name, value in fields.items())
    return ItemText(tuple((label, value) for label, value in pairs if value))


def render(item: ItemText) -> Prompt:
    """The messages for an item; its text fills the slot as it is."""
    return Prompt(SYSTEM, _USER + item.text)


def _label(name: str) -> str:
    return " ".join(name.replace("_", " ").replace("-", " ").lower().split())[:_MAX_LABEL_CHARS]


def _clean(value: str) -> str:
    return " ".join(unicodedata.normalize("NFC", value).split())
