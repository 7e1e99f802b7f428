from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from reading import Reading, columns_spec, read

from lghrec_compute.data.raw import ReadContext
from lghrec_compute.data.readers.parts import streams
from lghrec_compute.data.readers.parts.base import RowCollector, RowCounts
from lghrec_compute.data.readers.parts.json_columns import JsonColumns, Record, RecordFields
from lghrec_compute.data.readers.parts.json_rows import SAMPLE, RecordLayout, add_interactions, parse_object
from lghrec_compute.errors import DataError

COLUMNS = columns_spec("user", "item", "rating", "timestamp")
NUM = 400


def good(number: int) -> str:
    row = {
        "user": f"u{number}",
        "item": number % 7,
        "rating": 1.5,
        "timestamp": 10**9 + number,
        "more": ["é"],
    }
    return json.dumps(row, ensure_ascii=False)


def with_line(line: str, at: int = NUM // 2) -> str:
    """Good lines with another line among them."""
    return "".join(f"{one}\n" for one in [*map(good, range(at)), line, *map(good, range(at, NUM))])


def both(folder: Path, layout: str, text: str) -> tuple[Reading, Reading]:
    """Read the text as columns, and line by line."""
    name = {"jsonl": "a.jsonl", "amazon": "a.json", "yelp": "review.json"}[layout]
    columns = COLUMNS if layout == "jsonl" else None
    fast = read(folder, layout, {name: text}, columns=columns)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(JsonColumns, "add", lambda *_: False)
        return fast, read(folder, layout, columns=columns)


def same(fast: Reading, slow: Reading) -> bool:
    assert fast.raw.num_rows_read == slow.raw.num_rows_read
    assert fast.events == slow.events
    return fast.rows == slow.rows


ODD = {
    "no_json": '{"user": "u", "item": 1, "rating": 1',
    "no_object": "[1]",
    "no_user": '{"item": 1, "rating": 1, "timestamp": 1}',
    "null_user": '{"user": null, "item": 1, "rating": 1, "timestamp": 1}',
    "blank_user": '{"user": " ", "item": 1, "rating": 1, "timestamp": 1}',
    "trimmed_user": '{"user": " u1 ", "item": 1, "rating": 1, "timestamp": 1}',
    "user_number": '{"user": 12, "item": 1, "rating": 1, "timestamp": 1}',
    "user_true": '{"user": true, "item": 1, "rating": 1, "timestamp": 1}',
    "user_twice": '{"user": "a", "user": "b", "item": 1, "rating": 1, "timestamp": 1}',
    "user_surrogate": '{"user": "\\ud800", "item": 1, "rating": 1, "timestamp": 1}',
    "item_text": '{"user": "u", "item": "007", "rating": 1, "timestamp": 1}',
    "item_fraction": '{"user": "u", "item": 1.0, "rating": 1, "timestamp": 1}',
    "item_power": '{"user": "u", "item": 1e2, "rating": 1, "timestamp": 1}',
    "item_huge": '{"user": "u", "item": 123456789012345678901234567890, "rating": 1, "timestamp": 1}',
    "rating_nan": '{"user": "u", "item": 1, "rating": NaN, "timestamp": 1}',
    "rating_huge": '{"user": "u", "item": 1, "rating": 1e999, "timestamp": 1}',
    "rating_text": '{"user": "u", "item": 1, "rating": " 4.5 ", "timestamp": 1}',
    "rating_missing": '{"user": "u", "item": 1, "timestamp": 1}',
    "time_missing": '{"user": "u", "item": 1, "rating": 1}',
    "time_negative": '{"user": "u", "item": 1, "rating": 1, "timestamp": -1}',
    "time_text": '{"user": "u", "item": 1, "rating": 1, "timestamp": "2020-01-01T00:00:00"}',
    "time_nan": '{"user": "u", "item": 1, "rating": 1, "timestamp": NaN}',
    "time_list": '{"user": "u", "item": 1, "rating": 1, "timestamp": [1]}',
    "two_in_a_line": good(1) + good(2),
    "nested_name": '{"x": {"user": "z"}, "user": "u", "item": 1, "rating": 1, "timestamp": 1}',
    "escapes": '{"\\u0075ser": "\\u00e9\\n\\ud83d\\ude00", "item": 1, "rating": 1, "timestamp": 1}',
    "blank_line": "   ",
    "end_of_windows": good(1) + "\r",
}


@pytest.mark.parametrize("name", ODD)
def test_an_odd_line_has_the_same_end_as_when_all_lines_are_read_one_by_one(
    tmp_path: Path, name: str
) -> None:
    fast, slow = both(tmp_path, "jsonl", with_line(ODD[name]))
    assert same(fast, slow)
    assert NUM <= len(fast.rows) <= NUM + 1


@pytest.mark.parametrize("odd", [ODD["no_json"], ODD["rating_nan"], '{"user": "u",\n"item": 1}'])
def test_the_warning_names_the_line(tmp_path: Path, odd: str) -> None:
    got = read(tmp_path, "jsonl", {"a.jsonl": with_line(odd, at=250)}, columns=COLUMNS)
    num_malformed = 1 + odd.count("\n")
    shown = f"a.jsonl: {num_malformed} of {NUM + num_malformed} rows skipped, the first is line 251: got "
    assert got.warnings["rows_skipped"].startswith(shown)
    assert [row[0] for row in got.rows] == [f"u{number}" for number in range(NUM)]


def test_text_that_is_not_utf_8_is_reported_anywhere_in_the_file(tmp_path: Path) -> None:
    text = with_line('{"user": "u", "item": 1, "rating": 1, "timestamp": 1, "more": "é"}')
    content = text.encode().replace(b'"more": "\xc3\xa9"', b'"more": "\xe9"')
    with pytest.raises(DataError, match=r"a.jsonl line 201: got byte 0xe9 at column 64, expected UTF-8"):
        read(tmp_path, "jsonl", {"a.jsonl": content}, columns=COLUMNS)


def test_only_lines_near_an_odd_one_are_read_one_by_one(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text("".join(f"{good(number)}\n" for number in range(50_000)).replace("u25000", " "))
    parsed: list[str] = []

    def parse(line: str) -> Record | None:
        parsed.append(line)
        return parse_object(line)

    rows = RowCollector(RowCounts(path), rated=True)
    fields = RecordFields("user", "item", "rating", "timestamp")
    add_interactions(
        path, ReadContext(lambda _event: None), rows, RecordLayout(lambda _record: fields, parse)
    )
    assert (rows.counts.num_rows, rows.counts.num_malformed) == (50_000, 1)
    assert rows.counts.first_bad.startswith("line 25001: got ' '")
    # a piece has 64 KiB, and a line has more than 80 bytes
    assert SAMPLE < len(parsed) < SAMPLE + (1 << 16) / 80 + 1


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_rows_do_not_depend_on_where_a_block_ends(
    tmp_path: Path, pack: type[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "\ufeff" + with_line(ODD["no_json"]).removesuffix("\n")
    whole = read(tmp_path, "jsonl", {"a.jsonl": text}, columns=COLUMNS)
    (tmp_path / "source" / "a.jsonl").unlink()
    monkeypatch.setattr(streams, "_CHUNK_BYTES", 997)
    parts = read(tmp_path, "jsonl", {"a.jsonl.gz": pack(text.encode())}, columns=COLUMNS)
    assert parts.rows == whole.rows
    assert len(parts.rows) == NUM
    assert "line 201: " in parts.warnings["rows_skipped"]


def test_amazon_tells_the_schema_of_each_record_in_blocks_too(tmp_path: Path) -> None:
    new = [
        {"user_id": f"n{n}", "asin": f"v{n}", "parent_asin": f"p{n}", "rating": 4, "timestamp": 10**12 + n}
        for n in range(NUM)
    ]
    new[200]["parent_asin"] = ""
    del new[201]["parent_asin"]
    old = {"reviewerID": "o", "asin": "B", "overall": 2.0, "unixReviewTime": 10**12}
    lines = [json.dumps(one) for one in [*new[:300], old, *new[300:]]]
    lines.append(repr({**old, "reviewerID": "python"}))
    fast, slow = both(tmp_path, "amazon", "".join(f"{line}\n" for line in lines))
    assert same(fast, slow)
    assert [row[1] for row in fast.rows[199:203]] == ["p199", "v200", "v201", "p202"]
    assert fast.rows[300] == ("o", "B", 2.0, 1e9)
    assert fast.rows[-1] == ("python", "B", 2.0, 1e9)
    assert len(fast.rows) == NUM + 2


def test_yelp_reads_dates_in_blocks(tmp_path: Path) -> None:
    rows = [
        {"user_id": f"u{n}", "business_id": "b", "stars": n % 5, "date": f"2018-07-07 22:09:{n % 60:02}"}
        for n in range(NUM)
    ]
    rows[222]["date"] = "yesterday"
    fast, slow = both(tmp_path, "yelp", "".join(json.dumps(row) + "\n" for row in rows))
    assert same(fast, slow)
    assert fast.warnings == {"times_dropped": "review.json: 1 of 400 times dropped, negative or unreadable"}
    assert fast.rows[322] == ("u322", "b", 2.0, 1531001362.0)  # 22 s after 1531001340
