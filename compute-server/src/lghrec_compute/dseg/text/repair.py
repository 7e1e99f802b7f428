"""Reads the answer of a model. The strict form comes first; then two repairs that add no content.

A missing brace or key, and an answer that was cut at the token limit, are never repaired.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from lghrec_compute.dseg.text.schema import GENERATED, Bounds, Reasoning, checked, parse
from lghrec_compute.errors import DataError

_FENCE = re.compile(r"\A```[a-zA-Z]*\s*\n(.*?)\n?\s*```\Z", re.DOTALL)
_THINK = re.compile(r"\A\s*<think>.*?</think>", re.DOTALL)


@dataclass(frozen=True)
class ParsedAnswer:
    """`reasoning` is None if the answer is not usable; `problem` then states why."""

    reasoning: Reasoning | None
    repaired: bool = False
    problem: str = ""


def read_answer(text: str, bounds: Bounds = GENERATED) -> ParsedAnswer:
    """Read an answer that the model ended itself."""
    try:
        return ParsedAnswer(parse(text, bounds))
    except DataError as error:
        problem = error.message
    try:
        return ParsedAnswer(_repaired(text, bounds), repaired=True)
    except (DataError, ValueError, RecursionError):
        return ParsedAnswer(None, problem=problem)


def _repaired(text: str, bounds: Bounds) -> Reasoning:
    inner = _THINK.sub("", text).strip()
    if fenced := _FENCE.match(inner):
        inner = fenced[1].strip()
    value = json.loads(inner)
    if not isinstance(value, dict) or set(value) != {"CoT", "keywords"}:
        raise DataError("reasoning has other keys")
    return checked(Reasoning(_reasoning_text(value["CoT"]), _keywords_text(value["keywords"])), bounds)


def _reasoning_text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        return "\n".join(f"{key}: {_step(part)}" for key, part in value.items())
    if isinstance(value, list):
        return "\n".join(f"{number}. {_step(part)}" for number, part in enumerate(value, 1))
    raise DataError("CoT is not a text")


def _step(part: Any) -> str:
    """Return one step as a line: a text unchanged, an object as its values."""
    if isinstance(part, str):
        return part
    if isinstance(part, dict) and all(isinstance(value, str) for value in part.values()):
        first, *rest = part.values() or ("",)
        return ": ".join([first, *(f'"{value}"' for value in rest)])
    raise DataError("a step of CoT is not a text")


def _keywords_text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return ", ".join(part.strip() for part in value)
    raise DataError("keywords are not a text")
