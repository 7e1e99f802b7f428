"""The interface of providers, and their names in specs."""

from __future__ import annotations

from typing import Protocol

from lghrec_compute.dseg.prompt import ItemText
from lghrec_compute.dseg.providers.extractive import Extractive
from lghrec_compute.dseg.providers.raw_text import RawText
from lghrec_compute.dseg.schema import Reasoning


class TextProvider(Protocol):
    """Makes the reasoning of one item from its text alone: equal texts get equal reasonings."""

    def generate(self, item: ItemText) -> Reasoning:
        """`item` has at least one field."""
        ...


PROVIDERS: dict[str, TextProvider] = {"extractive": Extractive(), "raw_text": RawText()}
"""By the name a spec uses."""
