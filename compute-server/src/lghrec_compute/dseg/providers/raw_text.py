"""The item's own words as they are: the paper's variant LGHRec-RawText (Table 2)."""

from __future__ import annotations

from lghrec_compute.dseg.prompt import ItemText
from lghrec_compute.dseg.schema import Reasoning


class RawText:
    """No reasoning, no keywords; of any length, as the encoder cuts and counts."""

    def generate(self, item: ItemText) -> Reasoning:
        """The values of the fields, a line each. Without labels: every item has the same ones."""
        return Reasoning(cot="\n".join(value for _label, value in item.fields), keywords="")
