"""Cleaning of texts from workers and clients, so that terminals and logs can show them safely."""

from __future__ import annotations

import re

_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|.)?", re.DOTALL)
# C0 without tab and newline, DEL, C1, bidirectional overrides and isolates, lone surrogates.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")

MAX_LINE = 16 * 1024


def clean(text: str, limit: int = MAX_LINE) -> str:
    """Remove escape sequences, control and bidirectional characters; keep at most `limit` characters."""
    return _CONTROL.sub("", _ANSI.sub("", text))[:limit]


def one_line(text: str, limit: int = MAX_LINE) -> str:
    """Clean a text and replace newlines and tabs by spaces."""
    return clean(text, limit).replace("\n", " ").replace("\t", " ")


def clean_tail(text: str, limit: int) -> str:
    """Clean a text and keep its last `limit` characters: the end of a traceback names the error."""
    return clean(text, len(text))[-limit:]
