from __future__ import annotations

from pathlib import Path

import pytest

from lghrec_compute.data.raw import RawData, ReadContext
from lghrec_compute.data.readers import recbole
from lghrec_compute.data.source_files import SourceFiles
from lghrec_compute.errors import DataError
from lghrec_compute.events import Event, WarningRaised

INTER = "user_id:token\titem_id:token\trating:float\ttimestamp:float\n"
ITEM = "item_id:token\ttitle:token_seq\tyear:token\tprice:float\n"


def read(folder: Path, inter: str | bytes, item: str | bytes | None = None) -> tuple[RawData, list[Event]]:
    paths = {"a.inter": inter, "a.item": item}
    for name, content in paths.items():
        if content is not None:
            (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    events: list[Event] = []
    roles = {"interactions": inter, "items": item}
    found = {role: folder / name for role, name in zip(roles, paths, strict=True) if roles[role] is not None}
    return recbole.read(SourceFiles("a", "recbole", found), ReadContext(events.append)), events


def good_rows(num: int) -> str:
    return "".join(f"u{row}\ti{row}\t4\t0\n" for row in range(num))


def test_reads_interactions_and_text_fields(tmp_path: Path) -> None:
    raw, events = read(
        tmp_path, INTER + 'u1\ti1\t4.5\t1\nu "2\ti1\t 3 \t2\n', ITEM + "i1\tA film, é\t1999\t3\ni2\t\t\t\n"
    )
    assert raw.interactions.columns == ["user", "item", "rating", "timestamp"]
    assert raw.interactions.rows() == [("u1", "i1", 4.5, 1.0), ('u "2', "i1", 3.0, 2.0)]
    assert raw.text_fields == ("title", "year")
    assert raw.items.rows() == [("i1", "A film, é", "1999"), ("i2", "", "")]
    assert raw.num_rows_read == 2
    assert events == [WarningRaised("texts_empty", "a.item: 1 of 2 items have no text")]


def test_ratings_and_texts_are_optional(tmp_path: Path) -> None:
    raw, _ = read(tmp_path, "item_id:token\tuser_id:token\ni1\tu1\n")
    assert raw.interactions.rows() == [("u1", "i1")]
    assert raw.text_fields == ()
    assert raw.items.is_empty()


@pytest.mark.parametrize(
    "text", ["\ufeff" + INTER + "u\ti\t4\t0\n", (INTER + "u\ti\t4\t0\n").replace("\n", "\r\n")]
)
def test_byte_order_mark_and_windows_line_ends_are_no_content(tmp_path: Path, text: str) -> None:
    raw, _ = read(tmp_path, text)
    assert raw.interactions.rows() == [("u", "i", 4.0, 0.0)]


def test_a_file_with_only_a_header_has_no_rows(tmp_path: Path) -> None:
    raw, _ = read(tmp_path, INTER)
    assert (len(raw.interactions), raw.num_rows_read) == (0, 0)


@pytest.mark.parametrize(
    ("bad", "fault"),
    [
        ("u\ti\t4\n", "got 3 columns, expected 4"),
        ("u\ti\t4\t0\textra\n", "got 5 columns, expected 4"),
        ("u\ti\tgood\t0\n", "got rating 'good', expected a number"),
        ("u\ti\tNaN\t0\n", "got rating 'NaN', expected a number"),
        ("u\ti\tinf\t0\n", "got rating 'inf', expected a number"),
        ("u\ti\t\t0\n", "got rating '', expected a number"),
        ("\ti\t4\t0\n", "got an empty user_id, expected an id"),
        ("u\t \t4\t0\n", "got an empty item_id, expected an id"),
    ],
)
def test_bad_rows_are_skipped_up_to_five_percent_and_refused_above(
    tmp_path: Path, bad: str, fault: str
) -> None:
    raw, events = read(tmp_path, INTER + good_rows(10) + bad + good_rows(9))  # 1 of 20: 5 %
    assert (len(raw.interactions), raw.num_rows_read) == (19, 20)
    assert events == [
        WarningRaised("rows_skipped", f"a.inter: 1 of 20 rows skipped, the first is line 12: {fault}"),
    ]
    with pytest.raises(DataError) as error:  # 1 of 19: 5.3 %
        read(tmp_path, INTER + good_rows(10) + bad + good_rows(8))
    assert error.value.message == (
        f"a.inter line 12: {fault}; 1 of 19 rows cannot be used, at most 5% may be skipped"
    )


def test_blank_lines_are_no_rows(tmp_path: Path) -> None:
    raw, events = read(tmp_path, INTER + "u\ti\t4\t0\n\n\nv\ti\t4\t0\n\n")
    assert (len(raw.interactions), raw.num_rows_read, events) == (2, 2, [])


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("user_id\titem_id\n", "line 1: got column 'user_id', expected a new name:type"),
        ("user_id:token\titem_id:text\n", "line 1: got column 'item_id:text'"),
        ("user_id:token\tuser_id:token\n", "line 1: got column 'user_id:token'"),
        ("\n", "line 1: got column ''"),
        ("user_id:token\tmovie:token\n", "got columns user_id:token, movie:token, expected item_id:token"),
        ("user_id:token\titem_id:token\trating:token\n", "got rating:token, expected rating:float"),
    ],
)
def test_a_wrong_header_is_refused(tmp_path: Path, header: str, message: str) -> None:
    with pytest.raises(DataError) as error:
        read(tmp_path, header + "u\ti\n")
    assert message in error.value.message
    assert error.value.message.startswith("a.inter")


def test_text_that_is_not_utf8_is_refused_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(
        DataError, match=r"a\.item line 3: got byte 0xe9 at column 6, expected UTF-8"
    ) as error:
        read(
            tmp_path,
            INTER + "u\ti\t4\t0\n",
            ITEM.encode() + b"i1\tok\t\t\n" + "i2\tCré\t\t\n".encode("latin1"),
        )
    assert "iconv" in error.value.hint
    with pytest.raises(DataError, match=r"a\.inter line 1: got byte 0xff"):
        read(tmp_path, b"\xff\xfe" + INTER.encode("utf-16-le"))


def test_a_second_row_of_an_item_is_dropped_for_any_order(tmp_path: Path) -> None:
    lines = ["i1\tB\t1999\t\n", "i1\tA\t2001\t\n", "i2\tC\t\t\n"]
    first, events = read(tmp_path, INTER, ITEM + "".join(lines))
    second, _ = read(tmp_path, INTER, ITEM + "".join(reversed(lines)))
    assert first.items.rows() == second.items.rows() == [("i1", "A", "2001"), ("i2", "C", "")]
    assert events == [WarningRaised("items_duplicated", "a.item: 1 further rows of the same items dropped")]


def test_a_field_may_be_called_item(tmp_path: Path) -> None:
    raw, _ = read(tmp_path, INTER, "item_id:token\titem:token_seq\ni1\tHammer\n")
    assert raw.text_fields == ("item",)
    assert raw.items.rows() == [("i1", "Hammer")]


def test_a_row_longer_than_the_limit_is_refused_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"a\.inter line 2: longer than 16 MiB"):
        read(tmp_path, INTER + "u\t" + "i" * (40 << 20) + "\t4\t0\n")
