"""The paper's prompt (Figure 4), and the description of an item that it contains."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

from lghrec_compute.dseg.text.sanitise import fenced
from lghrec_compute.json_types import json_sha256

PROMPT_ID = "fig4@1"
"""Changes with every character of the template."""

TEXT_BUDGET_TOKENS = 1024
"""Maximum number of tokens of an item's text in a prompt. The start is kept, the rest is cut and flagged."""

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

_SHOTS = (
    (
        "title: Hand-Forged Carbon Steel Wok\n"
        "description: A 14-inch round-bottom wok hammered by hand. Heats fast over gas. Needs seasoning.",
        '1. It is made of carbon steel, as the title says "Hand-Forged Carbon Steel Wok". '
        '2. It is shaped by hand, from "hammered by hand". '
        '3. It suits quick cooking on gas, from "Heats fast over gas". '
        '4. It is large, from "A 14-inch round-bottom wok". '
        '5. It asks for care before use, from "Needs seasoning".',
        "carbon steel, hand-forged, round-bottom, 14-inch, gas stove, wok",
    ),
    (
        "title: Night Train to Lisbon\ngenres: Mystery Romance\n"
        "plot: A teacher leaves his classroom to trace the author of a forgotten book.",
        '1. It is a mystery and a romance, from "Mystery Romance". '
        '2. Its hero is a teacher, from "A teacher leaves his classroom". '
        '3. It tells of a search, from "to trace the author". '
        '4. A book drives the story, from "a forgotten book". '
        '5. It is set on a journey, as the title says "Night Train to Lisbon".',
        "mystery, romance, teacher, journey, Lisbon, forgotten book",
    ),
)


@dataclass(frozen=True)
class Prompt:
    """A request: the system text, the question, and examples of answered questions before it."""

    system: str
    user: str
    shots: tuple[tuple[str, str], ...] = ()

    def messages(self) -> list[dict[str, str]]:
        """Return the messages in the form of chat interfaces."""
        turns = [message for shot in self.shots for message in zip(("user", "assistant"), shot, strict=True)]
        return [
            {"role": role, "content": content}
            for role, content in (("system", self.system), *turns, ("user", self.user))
        ]


@dataclass(frozen=True)
class Template:
    """A named prompt. `sha256` changes with any of its characters."""

    id: str
    system: str
    shots: tuple[tuple[str, str], ...] = ()
    sha256: str = field(init=False)

    def __post_init__(self) -> None:
        digest = json_sha256([self.id, self.system, _USER, fenced(""), self.shots])
        object.__setattr__(self, "sha256", digest)

    def render(self, text: str) -> Prompt:
        """Return the request for an item. `text` must be sanitised; it is fenced as data."""
        return Prompt(self.system, _USER + fenced(text), self.shots)


@dataclass(frozen=True)
class ItemText:
    """An item's description: its fields (label, value) in order. No value is empty."""

    fields: tuple[tuple[str, str], ...]

    @property
    def text(self) -> str:
        """The description: one line `label: value` per field. It is "" for an item without text."""
        return "\n".join(f"{label}: {value}" for label, value in self.fields)

    @property
    def num_words(self) -> int:
        """Number of words of the values."""
        return sum(len(value.split()) for _label, value in self.fields)


def item_text(fields: Mapping[str, str]) -> ItemText:
    """Return the description of an item: its non-empty fields in the given order, each after its label.

    Values are normalised to NFC, with one space for each run of white space. A label is the field's name in
    lower case, with spaces for underscores, cut at 40 characters.
    """
    pairs = ((_label(name), _clean(value)) for name, value in fields.items())
    return ItemText(tuple((label, value) for label, value in pairs if value))


def _shot(text: str, reasoning: str, keywords: str) -> tuple[str, str]:
    answer = json.dumps({"CoT": reasoning, "keywords": keywords}, separators=(",", ":"), ensure_ascii=False)
    return _USER + fenced(text), answer


TEMPLATES = {
    template.id: template
    for template in (
        Template(PROMPT_ID, SYSTEM),
        Template("fig4-two-shot@1", SYSTEM, tuple(_shot(*shot) for shot in _SHOTS)),
    )
}
"""Templates by the name that a spec uses."""


def _label(name: str) -> str:
    return " ".join(name.replace("_", " ").replace("-", " ").lower().split())[:_MAX_LABEL_CHARS]


def _clean(value: str) -> str:
    return " ".join(unicodedata.normalize("NFC", value).split())
