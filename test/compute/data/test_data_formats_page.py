"""The minimal files of docs/data-formats.md are read by the readers of their formats."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest
from reading import columns_spec, read

from lghrec_compute.spec.formats import SourceFormat

PAGE = Path(__file__).parents[3] / "docs" / "data-formats.md"
BLOCK = re.compile(r"^```text (\S+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
# of each format: the interactions and the items with texts that its files contain
EXPECTED: dict[SourceFormat, tuple[set[tuple[str, str]], set[str]]] = {
    "delimited": ({("ann", "tea"), ("ann", "pot, large"), ("bob", "tea")}, {"tea", "pot, large"}),
    "jsonl": ({("ann", "tea"), ("bob", "tea")}, {"tea"}),
    "recbole": ({("ann", "tea"), ("bob", "tea")}, {"tea"}),
    "adjacency": ({("0", "0"), ("0", "1"), ("1", "1"), ("0", "2"), ("1", "0")}, set()),
    "amazon": ({("A1", "B01")}, {"B01"}),
    "yelp": ({("u1", "b1")}, {"b1"}),
    "mind": ({("U1", "N1"), ("U1", "N2")}, {"N1", "N2"}),
    "movielens": ({("1", "10"), ("2", "10")}, {"10"}),
    "json_maps": ({("ann", "tea"), ("ann", "pot"), ("bob", "tea")}, {"tea", "pot"}),
}


def files_of(layout: str) -> dict[str, str]:
    """Return the minimal files of a format by their names."""
    section = PAGE.read_text().split(f"## `{layout}`\n", 1)[1].split("\n## ", 1)[0]
    return dict(BLOCK.findall(section))


def test_every_format_has_a_section():
    headings = set(re.findall(r"^## `(\w+)`$", PAGE.read_text(), re.MULTILINE))
    assert headings == set(get_args(SourceFormat))


@pytest.mark.parametrize("layout", EXPECTED)
def test_the_minimal_files_are_read(tmp_path: Path, layout: SourceFormat):
    columns = columns_spec("customer", "sku", "stars", "time") if layout == "delimited" else None
    if layout == "jsonl":
        columns = columns_spec("user", "item", timestamp="timestamp")
    reading = read(tmp_path, layout, files_of(layout), columns=columns)
    interactions, items = EXPECTED[layout]
    assert {(user, item) for user, item, *_ in reading.rows} == interactions
    assert set(reading.texts) == items
    assert not reading.warnings
