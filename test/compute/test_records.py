"""Records as JSON: what is written is read, and what does not fit is refused with its path."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import pytest

from lghrec_compute.records import record_from_dict, record_to_dict


@dataclass(frozen=True)
class Inner:
    name: str
    count: int = 0


@dataclass(frozen=True)
class Outer:
    value: float
    is_new: bool
    colour: Literal["red", "blue"] = "red"
    inner: Inner | None = None
    many: tuple[Inner, ...] = ()
    shares: Mapping[str, float] | None = None


FULL = Outer(0.5, True, "blue", Inner("a", 3), (Inner("b"), Inner("c", 1)), {"x": 1.0})


@pytest.mark.parametrize("record", [FULL, Outer(1.0, False)])
def test_a_record_comes_back_equal(record: Outer):
    assert record_from_dict(Outer, record_to_dict(record)) == record


def test_fields_that_are_none_are_left_out_and_nested_records_are_objects():
    assert record_to_dict(Outer(1.0, False, inner=Inner("a"))) == {
        "value": 1.0,
        "is_new": False,
        "colour": "red",
        "inner": {"name": "a", "count": 0},
        "many": [],
    }


def test_a_whole_number_is_read_as_a_float_where_one_is_expected():
    assert record_from_dict(Outer, {"value": 1, "is_new": True}).value == 1.0


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"valeu": 1}, "Outer has no field 'valeu'"),
        ({"value": "1"}, "Outer.value: got '1', expected a number"),
        ({"value": True}, "Outer.value: got 'True', expected a number"),
        ({"is_new": 1}, "Outer.is_new: got '1', expected a boolean"),
        ({"colour": "green"}, "Outer.colour: got 'green', expected one of red, blue"),
        ({"colour": []}, "Outer.colour: got '[]', expected one of red, blue"),
        ({"inner": {}}, "Outer.inner.name is missing"),
        ({"inner": []}, "Outer.inner: got '[]', expected an object"),
        ({"inner": {"name": "a", "count": -1}}, "Outer.inner.count: got '-1', expected a count"),
        ({"inner": {"name": "a", "count": 1.0}}, "Outer.inner.count: got '1.0', expected a count"),
        ({"inner": {"name": "\ud800"}}, "expected a string of Unicode characters"),
        ({"many": {}}, "Outer.many: got '{}', expected a list"),
        ({"many": [{"name": "a"}, {"name": 1}]}, "Outer.many.1.name: got '1', expected a string"),
        ({"shares": {"x": None}}, "Outer.shares.x: got 'None', expected a number"),
        ({"value": None}, "Outer.value: got 'None', expected a number"),
    ],
)
def test_data_that_does_not_fit_is_refused_with_its_path(changes: dict, message: str):
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the text is compared below
        record_from_dict(Outer, record_to_dict(FULL) | changes)
    assert message in str(caught.value)


def test_a_field_without_a_default_that_may_be_none_is_none_where_it_is_absent():
    @dataclass(frozen=True)
    class Row:
        std: float | None

    assert record_to_dict(Row(None)) == {}
    assert record_from_dict(Row, {}) == Row(None)
    assert record_from_dict(Row, {"std": 0.5}) == Row(0.5)


def test_a_missing_field_is_named():
    with pytest.raises(ValueError, match=r"Outer.is_new is missing"):
        record_from_dict(Outer, {"value": 1.0})
