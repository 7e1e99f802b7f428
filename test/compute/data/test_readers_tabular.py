from __future__ import annotations

import datetime
import json
from pathlib import Path

import polars as pl
import pytest
from reading import columns_spec, read, write

from lghrec_compute.errors import DataError
from lghrec_compute.spec.source import FilesSpec

RATED = columns_spec("user_id", "item_id", "rating", "timestamp")
HEADER = ["user_id", "item_id", "rating", "timestamp"]
ROWS = [["u1", "i1", "4.5", "100"], ["u2", "i1", "3", "200"], ["u1", "i2", "1", "50"]]
READ = [("u1", "i1", 4.5, 100.0), ("u2", "i1", 3.0, 200.0), ("u1", "i2", 1.0, 50.0)]


def table(separator: str, *rows: list[str]) -> str:
    return "".join(separator.join(row) + "\n" for row in rows)


@pytest.mark.parametrize("separator", ["\t", ",", ";", "::", "|"])
@pytest.mark.parametrize("given", [True, False])
def test_delimited_finds_out_separator_and_header(tmp_path: Path, separator: str, given: bool) -> None:
    text = table(separator, HEADER, *ROWS)
    columns = columns_spec(
        "user_id", "item_id", "rating", "timestamp", separator=separator if given else None
    )
    got = read(tmp_path, "delimited", {"ratings.csv": text}, columns=columns)
    assert got.raw.interactions.columns == ["user", "item", "rating", "timestamp"]
    assert got.rows == READ
    assert got.events == []


@pytest.mark.parametrize("header", [None, True, False])
def test_delimited_accepts_columns_by_number(tmp_path: Path, header: bool | None) -> None:
    # if `header` is not set, a rating that is not a number shows that the first line is a header
    text = table(",", *([HEADER] if header is not False else []), *ROWS)
    columns = columns_spec("0", "1", "2", "3", header=header)
    assert read(tmp_path, "delimited", {"a.csv": text}, columns=columns).rows == READ


def test_numbers_as_ids_are_no_header(tmp_path: Path) -> None:
    # the first row contains the same numbers as the column numbers
    got = read(tmp_path, "delimited", {"a.tsv": "0\t1\t2\n3\t4\t5\n"}, columns=columns_spec("0", "1", "2"))
    assert got.rows == [("0", "1", 2.0), ("3", "4", 5.0)]


def test_quoted_cells_hold_separators_and_line_ends(tmp_path: Path) -> None:
    items = 'item_id,title,price\ni1,"Salt, pepper\nand ""more""",3\ni2,Plain,4\n'
    got = read(
        tmp_path,
        "delimited",
        {"interactions.csv": table(",", HEADER, *ROWS), "items.csv": items},
        columns=RATED,
    )
    assert got.raw.text_fields == ("title",)  # the price is a number
    assert got.texts == {"i1": ('Salt, pepper\nand "more"',), "i2": ("Plain",)}


def test_a_missing_column_is_reported_with_the_existing_ones(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no column user, item in the header, got user_id, item_id") as error:
        read(tmp_path, "delimited", {"a.csv": table(",", HEADER, *ROWS)})
    assert "source.columns" in error.value.hint
    with pytest.raises(DataError, match="no column 9, got 4 columns, from 0"):
        read(tmp_path, "delimited", columns=columns_spec("0", "9"))


def test_text_without_a_separator_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no separator found"):
        read(tmp_path, "delimited", {"a.csv": "one\ntwo\n"})


def test_jsonl_reads_fields_by_name(tmp_path: Path) -> None:
    rows = [
        {"user_id": "u1", "item_id": 7, "rating": 4.5, "timestamp": "2020-01-01T00:00:00Z", "more": [1]},
        {"user_id": "u2", "item_id": 8, "rating": "3", "timestamp": 1577836801},
    ]
    text = "".join(json.dumps(row) + "\n" for row in rows)
    # 2020-01-01 is 1577836800
    got = read(tmp_path, "jsonl", {"a.jsonl": text}, columns=RATED)
    assert got.rows == [("u1", "7", 4.5, 1577836800.0), ("u2", "8", 3.0, 1577836801.0)]
    with pytest.raises(DataError, match="no field user, item, got item_id, more"):
        read(tmp_path, "jsonl")


@pytest.mark.parametrize("ids", [pl.String, pl.Int32, pl.Categorical])
@pytest.mark.parametrize("times", [pl.Int64, pl.Datetime("ms")])
def test_parquet_reads_columns_by_name(tmp_path: Path, ids: pl.DataType, times: pl.DataType) -> None:
    names = {"user_id": ["1", "2"], "item_id": ["3", "4"]}
    frame = pl.DataFrame(names).with_columns(pl.col(name).cast(ids) for name in names)
    stamps = pl.Series("timestamp", [datetime.datetime(2020, 1, 1), None]).cast(pl.Datetime("ms"))
    frame = frame.with_columns(pl.Series("rating", [4, 5]), stamps.cast(times), pl.lit("x").alias("other"))
    (tmp_path / "source").mkdir()
    frame.write_parquet(tmp_path / "source" / "a.parquet")
    got = read(tmp_path, "parquet", columns=RATED)
    # the size of the numbers distinguishes milliseconds from seconds
    assert got.rows == [("1", "3", 4.0, 1577836800.0), ("2", "4", 5.0, None)]
    assert got.events == []


def test_parquet_refuses_what_cannot_be_ids_and_what_is_no_parquet(tmp_path: Path) -> None:
    (tmp_path / "source").mkdir()
    pl.DataFrame({"user": [1.5], "item": ["a"]}).write_parquet(tmp_path / "source" / "a.parquet")
    with pytest.raises(DataError, match="got user of type Float64, expected strings or whole numbers"):
        read(tmp_path, "parquet")
    with pytest.raises(DataError, match="no column rated, got user, item"):
        read(tmp_path, "parquet", columns=columns_spec(rating="rated"))
    whole = (tmp_path / "source" / "a.parquet").read_bytes()
    with pytest.raises(DataError, match="cannot be read as Parquet"):
        read(tmp_path, "parquet", {"a.parquet": whole[:-20]})


ITEMS = [{"id": "i1", "title": "A", "tags": ["x", "y"]}, {"id": "i2", "title": "B", "tags": []}]
ITEM_FILES = {
    "items.json": json.dumps(ITEMS),
    "items.jsonl": "".join(json.dumps(item) + "\n" for item in ITEMS),
    "items.tsv": "id\ttitle\ttags\ni1\tA\tx, y\ni2\tB\t\n",
}


@pytest.mark.parametrize("name", ITEM_FILES)
def test_items_may_have_another_format(tmp_path: Path, name: str) -> None:
    contents = {"interactions.csv": "user,item\nu1,i1\nu2,i2\n", name: ITEM_FILES[name]}
    columns = columns_spec(text=("tags", "title"))
    got = read(tmp_path, "delimited", contents, columns=columns)
    assert got.raw.text_fields == ("tags", "title")
    assert got.texts == {"i1": ("x, y", "A"), "i2": ("", "B")}
    assert got.events == []


def test_items_may_be_parquet_or_a_map(tmp_path: Path) -> None:
    contents = {"interactions.csv": "user,item\nu1,i1\nu2,i2\n"}
    write(tmp_path / "source", contents)
    pl.DataFrame(ITEMS).write_parquet(tmp_path / "source" / "items.parquet")
    assert read(tmp_path, "delimited").texts == {"i1": ("A",), "i2": ("B",)}  # lists are not strings
    columns = columns_spec(text=("tags",))
    assert read(tmp_path, "delimited", columns=columns).texts == {"i1": ("x, y",), "i2": ("",)}
    (tmp_path / "source" / "items.parquet").unlink()
    maps = {"texts.json": json.dumps({"i1": {"title": "A"}, "i2": {"title": "B"}})}
    assert read(tmp_path, "delimited", maps, files=FilesSpec(items="texts.json")).texts == {
        "i1": ("A",),
        "i2": ("B",),
    }


def test_an_items_file_for_other_items_is_reported(tmp_path: Path) -> None:
    contents = {"interactions.csv": "user,item\nu,1\n", "items.csv": "key_id,item_no,title\n9,1,A\n"}
    got = read(tmp_path, "delimited", contents)
    assert got.warnings == {
        "items_unmatched": "items.csv: none of its 1 items is in the interactions; "
        "check which column contains the item ids"
    }


@pytest.mark.parametrize(
    ("layout", "names"),
    [
        ("delimited", ("train.csv", "val.csv", "test.csv")),
        ("jsonl", ("train.jsonl", "valid.jsonl", "test.jsonl")),
        ("recbole", ("d.train.inter", "d.valid.inter", "d.test.inter")),
        ("adjacency", ("train.txt", "valid.txt", "test.txt")),
        ("json_maps", ("train.json", "valid.json", "test.json")),
    ],
)
def test_given_splits_are_found_by_their_names(tmp_path: Path, layout: str, names: tuple[str, ...]) -> None:
    row = {
        "delimited": "user,item\nu,i{0}\n",
        "jsonl": '{{"user": "u", "item": "i{0}"}}\n',
        "recbole": "user_id:token\titem_id:token\nu\ti{0}\n",
        "adjacency": "u i{0}\n",
        "json_maps": '{{"u": ["i{0}"]}}',
    }[layout]
    got = read(tmp_path, layout, {name: row.format(index) for index, name in enumerate(names)})
    parts = got.raw.interactions.select("user", "item", "part").rows()
    assert parts == [("u", "i0", 0), ("u", "i1", 1), ("u", "i2", 2)]
    if layout == "json_maps":  # a user's positions continue from part to part
        assert got.raw.interactions["timestamp"].to_list() == [0.0, 1.0, 2.0]


def test_given_splits_are_named_by_the_spec(tmp_path: Path) -> None:
    contents = {
        "a/first.csv": "user,item\nu,1\n",
        "b.csv": "user,item\nu,2\n",
        "ratings.csv": "user,item\nv,9\n",
    }
    got = read(tmp_path, "delimited", contents, files=FilesSpec(train="a/first.csv", test="b.csv"))
    assert got.rows == [("u", "1", 0), ("u", "2", 2)]
