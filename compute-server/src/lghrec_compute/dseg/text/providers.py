"""The providers that need no language model, and their names in specs."""

from __future__ import annotations

from typing import Protocol

from lghrec_compute.dseg.text.extractive import Extractive
from lghrec_compute.dseg.text.prompt import ItemText
from lghrec_compute.dseg.text.schema import Reasoning


class TextProvider(Protocol):
    """Creates the reasoning of one item from its text only. Equal texts get equal reasonings."""

    def generate(self, item: ItemText) -> Reasoning:
        """Return the reasoning of an item with at least one field."""
        ...


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
