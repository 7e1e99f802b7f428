from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lghrec_compute.data.readers.parts.python_literal import MAX_DEPTH, parse_literal

LEAVES = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(VALUES)
def test_what_python_writes_is_read_back(value: object) -> None:
    assert parse_literal(repr(value)) == value


@pytest.mark.parametrize(
    "text",
    [
        """{'a': 'it\\'s', "b": "\\u00e9\\x41\\n\\101", 'c': u'x', 'd': (1, 2,), 'e': -1.5e-3}""",
        "  [1,\t2 ]  ",
        "'\\\\'",
    ],
)
def test_it_agrees_with_python(text: str) -> None:
    expected = ast.literal_eval(text.strip())
    got = parse_literal(text)
    assert got == ({**expected, "d": [1, 2]} if isinstance(expected, dict) else expected)


@pytest.mark.parametrize(
    "text",
    [
        *("", "{", "{'a'}", "{'a': }", "[1 2]", "[1],", "{'a': 1}}", "'open", "a", "b'x' b'y'"),
        *("open('x')", "__import__", "1 + 1", "lambda: 0"),
        *("[" * 100_000, "[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1)),
    ],
)
def test_everything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="got"):
        parse_literal(text)
