"""How the request for one text ended, and the tokens that it used."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from lghrec_compute.dseg.text.schema import Reasoning

Status = Literal["ok", "invalid", "truncated", "refused", "failed"]


@dataclass(frozen=True)
class Usage:
    """Tokens of a call, as the engine counts them. `cached` is part of `input`, `reasoning` of `output`."""

    input: int = 0
    output: int = 0
    cached: int = 0
    reasoning: int = 0

    @property
    def total(self) -> int:
        """Number of tokens that are billed."""
        return self.input + self.output


NO_USAGE = Usage()


@dataclass(frozen=True)
class Outcome:
    """The final result of a request.

    `attempts` counts all calls for the text, in this run and in earlier runs. `problem` states why there is
    no reasoning. `cached` is True if the text is from the cache.
    """

    key: str
    status: Status
    reasoning: Reasoning | None = None
    repaired: bool = False
    usage: Usage = NO_USAGE
    attempts: int = 0
    cached: bool = False
    problem: str = ""
