"""Lines of the journal: a reader gets the written records, skips an incomplete line, and detects changes."""

from __future__ import annotations

import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lghrec_compute.errors import IntegrityError
from lghrec_compute.journal import frame, records

BODIES = [
    {"state": {"state": "running"}},
    {"progress": {"phase": "zürich\n", "done": 1, "total": 2}},
    {"finished": {"state": "succeeded"}},
]


def journal() -> bytes:
    return b"".join(frame(lseq, 1000 + lseq, body) for lseq, body in enumerate(BODIES, start=1))


def test_a_record_is_one_line_of_checksum_and_sorted_json():
    line = frame(7, 1700000000000, {"log": {"line": "a\nb", "level": "info"}})
    text = b'{"body":{"log":{"level":"info","line":"a\\nb"}},"lseq":7,"time_ms":1700000000000}'
    assert line == b"%08x " % zlib.crc32(text) + text + b"\n"


def test_records_come_back_with_the_offset_after_them():
    data = journal()
    found = list(records(data))
    assert [record["body"] for record, _ in found] == BODIES
    assert [record["lseq"] for record, _ in found] == [1, 2, 3]
    assert found[-1][1] == len(data)
    for record, offset in found[:-1]:
        rest = [later["lseq"] for later, _ in records(data[offset:])]
        assert rest == list(range(record["lseq"] + 1, 4))


def test_an_incomplete_line_is_not_read():
    data = journal()
    ends = [offset for _, offset in records(data)]
    for cut in range(len(data)):
        whole = sum(end <= cut for end in ends)
        assert len(list(records(data[:cut]))) == whole


def test_an_empty_journal_has_no_records():
    assert list(records(b"")) == []


def test_every_changed_byte_is_detected():
    data = journal()
    for index in range(len(data)):
        changed = data[:index] + bytes([data[index] ^ 1]) + data[index + 1 :]
        if index < len(data) - 1:
            with pytest.raises(IntegrityError, match="does not match its checksum"):
                list(records(changed))
        else:  # without its newline the last line is one that is not whole yet
            assert [record["lseq"] for record, _ in records(changed)] == [1, 2]


def test_an_error_names_the_byte_where_the_record_starts():
    data = journal()
    second = next(offset for _, offset in records(data))
    changed = bytearray(data)
    changed[second + 20] ^= 1
    with pytest.raises(IntegrityError, match=f"journal record at byte {second} "):
        list(records(bytes(changed)))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.lists(st.dictionaries(st.text(), json_values, max_size=3), max_size=4))
@settings(max_examples=100, deadline=None)
def test_any_json_bodies_come_back_equal(bodies: list[dict]):
    data = b"".join(frame(lseq, 0, body) for lseq, body in enumerate(bodies, start=1))
    assert [record["body"] for record, _ in records(data)] == bodies


def test_a_value_that_is_not_a_number_is_not_written():
    with pytest.raises(ValueError, match="JSON compliant"):
        frame(1, 0, {"metric": {"value": float("nan")}})
