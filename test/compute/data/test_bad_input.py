"""Each kind of bad input, by the rules in `readers.parts.base` and `readers.parts.streams`."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from reading import Reading, columns_spec, read

from lghrec_compute.errors import DataError

COLUMNS = columns_spec("user", "item", "rating", "timestamp")
GOOD = [(f"u{row}", f"i{row}", 4.0, 10.0 + row) for row in range(19)]


def csv(rows: list[tuple]) -> str:
    return "user,item,rating,timestamp\n" + "".join(",".join(map(str, row)) + "\n" for row in rows)


def jsonl(rows: list[tuple]) -> str:
    return "".join(json.dumps(dict(zip(COLUMNS_OF, row, strict=True))) + "\n" for row in rows)


COLUMNS_OF = ("user", "item", "rating", "timestamp")


def from_csv(folder: Path, rows: list[tuple]) -> Reading:
    return read(folder, "delimited", {"a.csv": csv(rows)}, columns=COLUMNS)


def from_jsonl(folder: Path, rows: list[tuple]) -> Reading:
    return read(folder, "jsonl", {"a.jsonl": jsonl(rows)}, columns=COLUMNS)


def from_parquet(folder: Path, rows: list[tuple]) -> Reading:
    (folder / "source").mkdir(exist_ok=True)
    columns = list(zip(*rows, strict=True))
    types = (pl.String, pl.String, pl.Float64, pl.Float64)
    numbers = [[float(value) for value in column] for column in columns[2:]]
    frame = pl.DataFrame(
        dict(zip(COLUMNS_OF, [*columns[:2], *numbers], strict=True)),
        dict(zip(COLUMNS_OF, types, strict=True)),
    )
    frame.write_parquet(folder / "source" / "a.parquet")
    return read(folder, "parquet", columns=COLUMNS)


Reader = Callable[[Path, list[tuple]], Reading]
READERS = pytest.mark.parametrize("reader", [from_csv, from_jsonl, from_parquet])


@READERS
@pytest.mark.parametrize(
    "bad",
    [("", "i", 4, 1), ("u", "  ", 4, 1), ("u", "i", "NaN", 1), ("u", "i", "inf", 1)],
    ids=["empty user", "blank item", "rating NaN", "rating inf"],
)
def test_bad_rows_are_skipped_up_to_five_percent_and_refused_above(
    tmp_path: Path, reader: Reader, bad: tuple
) -> None:
    got = reader(tmp_path, [*GOOD, bad])  # 1 of 20
    assert got.rows == GOOD
    assert got.raw.num_rows_read == 20
    assert list(got.warnings) == ["rows_skipped"]
    assert "1 of 20 rows skipped, the first is" in got.warnings["rows_skipped"]
    with pytest.raises(DataError, match="1 of 19 rows cannot be used, at most 5% may be skipped"):
        reader(tmp_path, [*GOOD[:-1], bad])


def test_a_row_that_is_no_row_is_a_bad_row(tmp_path: Path) -> None:
    got = read(tmp_path, "delimited", {"a.csv": csv(GOOD) + "u,i\n"}, columns=COLUMNS)
    assert got.warnings["rows_skipped"].endswith("line 21: got 2 columns, expected 4")
    got = read(tmp_path, "jsonl", {"b.jsonl": jsonl(GOOD) + '{"user": \n'}, columns=COLUMNS)
    assert got.warnings["rows_skipped"].endswith("""line 20: got '{"user": ', expected a JSON object""")
    assert got.rows == GOOD


@READERS
def test_ids_that_collide_after_trimming_are_counted(tmp_path: Path, reader: Reader) -> None:
    rows = [*GOOD, (" u0", "i1", 1.0, 5.0), ("u0 ", "i2 ", 1.0, 5.0), (" new", "i3", 1.0, 5.0)]
    got = reader(tmp_path, rows)
    assert [row[:2] for row in got.rows[-3:]] == [("u0", "i1"), ("u0", "i2"), ("new", "i3")]
    # users " u0" and "u0 " both become u0, and " new" equals no other user
    name = {"from_csv": "a.csv", "from_jsonl": "a.jsonl", "from_parquet": "a.parquet"}[reader.__name__]
    user, item = [event.message for event in got.events]
    assert user == f"{name}: 3 user ids had surrounding white space, 2 of them now equal another id"
    assert item == f"{name}: 1 item ids had surrounding white space, 1 of them now equal another id"


@READERS
def test_negative_times_are_dropped_and_the_rows_kept(tmp_path: Path, reader: Reader) -> None:
    got = reader(tmp_path, [*GOOD, ("u", "i", 1.0, -5.0), ("v", "i", 1.0, "NaN")])
    assert got.rows[-2:] == [("u", "i", 1.0, None), ("v", "i", 1.0, None)]
    # NaN is reported like a negative time, also in Parquet, where an absent time would be null
    assert got.warnings["times_dropped"].endswith("2 of 21 times dropped, negative or unreadable")


@READERS
def test_times_in_milliseconds_become_seconds(tmp_path: Path, reader: Reader) -> None:
    rows = [
        (user, item, rating, 1_500_000_000_000 + 1000 * index)
        for index, (user, item, rating, _) in enumerate(GOOD)
    ]
    assert [row[3] for row in reader(tmp_path, rows).rows] == [1_500_000_000.0 + row for row in range(19)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2020-01-01", 1577836800.0),
        ("2020-01-01 00:00:01", 1577836801.0),
        ("2020-01-01T00:00:01.5", 1577836801.5),
        ("2020-01-01T01:00:00+01:00", 1577836800.0),
        ("2020-01-01T00:00:00Z", 1577836800.0),
        ("", None),
        ("yesterday", None),
    ],
)
def test_times_may_be_iso_8601(tmp_path: Path, text: str, expected: float | None) -> None:
    got = from_csv(tmp_path, [*GOOD, ("u", "i", 1, text)])
    assert got.rows[-1][3] == expected
    assert ("times_dropped" in got.warnings) == (text == "yesterday")


def test_texts_of_items_twice_or_empty_are_counted(tmp_path: Path) -> None:
    items = "item,title\ni0,B\ni0,A\ni1, \ni2,C\n"
    got = read(tmp_path, "delimited", {"interactions.csv": csv(GOOD), "items.csv": items}, columns=COLUMNS)
    assert got.texts == {"i0": ("A",), "i1": (" ",), "i2": ("C",)}
    assert got.warnings == {
        "items_duplicated": "items.csv: 1 further rows of the same items dropped",
        "texts_empty": "items.csv: 1 of 3 items have no text",
    }


@pytest.mark.parametrize(
    ("layout", "name"), [("delimited", "a.csv"), ("jsonl", "a.jsonl"), ("adjacency", "interactions.txt")]
)
def test_mixed_encodings_are_one_error_with_the_line(tmp_path: Path, layout: str, name: str) -> None:
    good = {
        "delimited": "user,item\nu,é\n",
        "jsonl": '{"user": "u", "item": "é"}\n' * 2,
        "adjacency": "u é\n" * 2,
    }
    bad = good[layout].replace("é", "ä").encode("latin-1").splitlines(keepends=True)[-1]
    with pytest.raises(
        DataError, match=rf"{name} line 3: got byte 0xe4 at column \d+, expected UTF-8"
    ) as error:
        read(tmp_path, layout, {name: good[layout].encode() + bad})
    assert "iconv" in error.value.hint


def test_half_of_a_surrogate_pair_is_not_an_id_and_is_replaced_in_texts(tmp_path: Path) -> None:
    rows = jsonl(GOOD) + '{"user": "\\ud800", "item": "i", "rating": 1, "timestamp": 1}\n'
    items = '{"item": "i0", "title": "a\\ud800b"}\n'
    got = read(tmp_path, "jsonl", {"a.jsonl": rows, "items.jsonl": items}, columns=COLUMNS)
    assert "rows_skipped" in got.warnings
    assert got.texts == {"i0": ("a\ufffdb",)}


@pytest.mark.parametrize(
    ("layout", "name"), [("delimited", "a.csv"), ("jsonl", "a.jsonl"), ("adjacency", "interactions.txt")]
)
def test_a_line_of_100_mb_is_one_error_in_bounded_memory(tmp_path: Path, layout: str, name: str) -> None:
    (tmp_path / "source").mkdir()
    with (tmp_path / "source" / name).open("wb") as file:
        file.write(b"user,item\n" if layout == "delimited" else b'{"user": "u", "item": "i"}\n')
        for _ in range(100):
            file.write(b"x" * 1_000_000)
        file.write(b",i\n")
    code = (
        "import resource, sys; from pathlib import Path; from reading import read\n"
        "from lghrec_compute.errors import DataError\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "try: read(Path(sys.argv[1]), sys.argv[2])\n"
        "except DataError as error: print(error)\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)\n"
    )
    path = f"{Path(__file__).parents[2] / 'support' / 'python'}"
    answer = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path), layout],
        capture_output=True, text=True, check=True, env={"PYTHONPATH": path, "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    message, kilobytes = answer.stdout.splitlines()
    assert message == f"{name} line 2: longer than 16 MiB"
    assert int(kilobytes) < 100_000  # the line alone has that size


def test_a_truncated_gzip_is_one_error(tmp_path: Path) -> None:
    whole = gzip.compress(csv([(f"user{row * 7919 % 1000}", row, 1, row) for row in range(20_000)]).encode())
    assert len(read(tmp_path, "delimited", {"a.csv.gz": whole}, columns=COLUMNS).rows) == 20_000
    for cut in (len(whole) // 2, len(whole) - 4):
        with pytest.raises(
            DataError, match=r"a\.csv\.gz cannot be unpacked, it is incomplete or damaged"
        ) as error:
            read(tmp_path, "delimited", {"a.csv.gz": whole[:cut]}, columns=COLUMNS)
        assert "again" in error.value.hint
    with pytest.raises(DataError, match="incomplete or damaged"):
        read(
            tmp_path, "jsonl", {"b.jsonl.gz": gzip.compress(jsonl(GOOD * 50).encode())[:-30]}, columns=COLUMNS
        )


def test_an_empty_file_is_reported(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"a\.csv"):
        read(tmp_path, "delimited", {"a.csv": ""})
    assert read(tmp_path, "jsonl", {"a.jsonl": ""}).rows == []
