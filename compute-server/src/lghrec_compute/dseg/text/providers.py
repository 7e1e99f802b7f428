"""The interface of providers, and their names in specs."""

from __future__ import annotations

from typing import Protocol

from lghrec_compute.dseg.text.extractive import Extractive
from lghrec_compute.dseg.text.prompt import ItemText
from lghrec_compute.dseg.text.schema import Reasoning


class TextProvider(Protocol):
    """Makes the reasoning of one item from its text alone: equal texts get equal reasonings."""

    def generate(self, item: ItemText) -> Reasoning:
        """`item` has at least one field."""
        ...


class RawText:
    """The item's own words as they are: the paper's variant LGHRec-RawText (Table 2).

    No reasoning, no keywords; of any length, as the encoder cuts and counts."""

    def generate(self, item: ItemText) -> Reasoning:
        """The values of the fields, a line each. Without labels: every item has the same ones."""
        return Reasoning(text="\n".join(value for _label, value in item.fields), keywords="")


PROVIDERS: dict[str, TextProvider] = {"extractive": Extractive(), "raw_text": RawText()}
"""By the name a spec uses."""
