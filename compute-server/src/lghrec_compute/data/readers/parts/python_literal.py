"""Parses a line that contains the text of a Python value, as in some published files, without evaluating it.

It accepts strings (with the prefixes u and b and their escapes), numbers, True, False, None, lists, tuples
and mappings, up to 64 levels deep. Everything else raises `ValueError`. The cost is bounded by the length of
the line.
"""

from __future__ import annotations

import re
from typing import Any

MAX_DEPTH = 64
_TOKEN = re.compile(
    r"""\s*(?:
      (?P<text>[ub]?(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"))
    | (?P<number>[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?L?)
    | (?P<word>True|False|None|nan|inf)\b
    | (?P<mark>[\[\](){},:])
    | (?P<end>$))""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-7]{1,3}|.)", re.DOTALL)
_SIMPLE = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "a": "\a", "v": "\v", "\n": ""}
_WORDS = {"True": True, "False": False, "None": None, "nan": None, "inf": None}
_CLOSING = {"[": "]", "(": ")", "{": "}"}


def parse_literal(text: str) -> Any:
    """Return the value. Raises `ValueError` for anything but one plain value."""
    parser = _Parser(text)
    value = parser.value(0)
    if parser.kind != "end":
        raise ValueError(f"got more after the value at character {parser.start + 1}")
    return value


class _Parser:
    """Parses with one token of lookahead: `kind` and `token` describe the next token, which begins at
    `start`."""

    def __init__(self, text: str) -> None:
        self._text, self._position = text, 0
        self.kind, self.token, self.start = "", "", 0
        self._advance()

    def value(self, depth: int) -> Any:
        kind, token = self.kind, self.token
        if kind == "mark" and token in _CLOSING:
            if depth == MAX_DEPTH:
                raise ValueError(f"got more than {MAX_DEPTH} levels")
            self._advance()
            return self._mapping(depth + 1) if token == "{" else self._list(_CLOSING[token], depth + 1)
        self._advance()
        if kind == "text":
            return _unescape(token.lstrip("ub")[1:-1])
        if kind == "number":
            digits = token.removesuffix("L")
            return int(digits) if digits.lstrip("+-").isdecimal() and len(digits) < 400 else float(digits)
        if kind == "word":
            return _WORDS[token]
        raise ValueError(f"got {token!r}, expected a value at character {self.start + 1}")

    def _list(self, closing: str, depth: int) -> list[Any]:
        values: list[Any] = []
        while not self._take(closing):
            values.append(self.value(depth))
            if not self._take(","):
                self._expect(closing)
                break
        return values

    def _mapping(self, depth: int) -> dict[str, Any]:
        mapping: dict[str, Any] = {}
        while not self._take("}"):
            key = self.value(depth)
            self._expect(":")
            mapping[str(key)] = self.value(depth)
            if not self._take(","):
                self._expect("}")
                break
        return mapping

    def _take(self, mark: str) -> bool:
        if self.kind != "mark" or self.token != mark:
            return False
        self._advance()
        return True

    def _expect(self, mark: str) -> None:
        if not self._take(mark):
            raise ValueError(f"got {self.token!r}, expected {mark!r} at character {self.start + 1}")

    def _advance(self) -> None:
        match = _TOKEN.match(self._text, self._position)
        if match is None:
            raise ValueError(f"got no value at character {self._position + 1}")
        self.kind = match.lastgroup or ""
        self.token, self.start, self._position = match[self.kind], match.start(self.kind), match.end()


def _unescape(text: str) -> str:
    return _ESCAPE.sub(_escaped, text) if "\\" in text else text


def _escaped(match: re.Match[str]) -> str:
    code = match[1]
    if code[0] in "xuU" and len(code) > 1:
        number = int(code[1:], 16)
        return chr(number) if number <= 0x10FFFF else "\ufffd"
    if code.isdecimal():
        return chr(int(code, 8))
    return _SIMPLE.get(code, code if code in "\\'\"" else "\\" + code)
