"""Texts from workers and clients are safe to display."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lghrec_compute.server.text import clean, clean_tail, one_line


def test_clean_drops_escape_sequences_and_bidirectional_overrides():
    assert clean("a\x1b[31mred\x1b[0m \x1b]0;title\x07b\u202ec\x00\x7fd\te\n") == "ared bcd\te\n"


def test_clean_keeps_the_first_characters_and_clean_tail_the_last():
    assert clean("abcdef", 3) == "abc"
    assert clean_tail("abcdef", 3) == "def"


@given(st.text())
def test_one_line_is_one_line_without_control_characters(text: str):
    line = one_line(text)
    assert not any(ord(c) < 32 or 0x7F <= ord(c) < 0xA0 for c in line)
