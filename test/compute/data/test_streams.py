from __future__ import annotations

import gzip
from pathlib import Path

import pyarrow as pa
import pytest
from reading import read

from lghrec_compute.data.raw import ReadContext
from lghrec_compute.data.readers.parts.streams import lines, open_stream, read_json
from lghrec_compute.errors import DataError, RunCancelled

SILENT = ReadContext(lambda _event: None)
TEXT = "user,item\n" + "".join(f"u{row},i{row % 7}\n" for row in range(1000))


def zstd(data: bytes) -> bytes:
    return pa.compress(data, codec="zstd", asbytes=True)


PACKED = {
    "a.csv": TEXT.encode(),
    "a.csv.gz": gzip.compress(TEXT.encode()),
    "a.csv.zst": zstd(TEXT.encode()),
    # the bytes decide, not the name; a file may have several members
    "packed.csv": gzip.compress(TEXT[:100].encode()) + gzip.compress(TEXT[100:].encode()),
}


@pytest.mark.parametrize("name", PACKED)
def test_gzip_and_zstd_are_read_directly(tmp_path: Path, name: str) -> None:
    got = read(tmp_path, "delimited", {name: PACKED[name]})
    assert got.rows == [(f"u{row}", f"i{row % 7}") for row in range(1000)]


def test_a_cut_zstd_is_one_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="incomplete or damaged"):
        read(tmp_path, "delimited", {"a.csv.zst": PACKED["a.csv.zst"][:-10]})


def read_all(path: Path) -> None:
    with open_stream(path, SILENT) as stream:
        while stream.read(1 << 22):
            pass


@pytest.mark.parametrize("pack", [gzip.compress, zstd])
def test_bytes_that_unpack_to_too_many_are_refused(tmp_path: Path, pack) -> None:
    # 80 MB of zeros are more than 64 MiB, and are compressed to less than 1/200
    (tmp_path / "a.gz").write_bytes(pack(bytes(80_000_000)))
    with pytest.raises(DataError, match="more than 200 times"):
        read_all(tmp_path / "a.gz")


@pytest.mark.parametrize("ending", ["", "\n", "\r\n\r\n \n"])
def test_lines_are_numbered_and_blank_ones_are_ignored(tmp_path: Path, ending: str) -> None:
    (tmp_path / "a").write_bytes(("\ufeffone\r\n\n  \ntwo" + ending).encode())
    assert list(lines(tmp_path / "a", SILENT)) == [(1, b"one"), (4, b"two")]


def test_lines_are_put_together_across_chunks(tmp_path: Path) -> None:
    expected = [bytes([65 + row % 26]) * (row * 37 % 9_000_000) for row in range(1, 40, 9)]
    (tmp_path / "a").write_bytes(b"\n".join(expected))
    assert [line for _, line in lines(tmp_path / "a", SILENT)] == expected


def test_reading_tells_bytes_and_can_be_stopped(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x\n" * 5_000_000)
    progress: list[tuple[int, int]] = []
    for _ in lines(
        tmp_path / "a", ReadContext(lambda _event: None, lambda done, total: progress.append((done, total)))
    ):
        pass
    assert len(progress) >= 2
    assert {total for _, total in progress} == {10_000_000}
    assert progress[-1][0] == 10_000_000

    def stop(_done: int, _total: int) -> None:
        raise RunCancelled("the run was stopped")

    with pytest.raises(RunCancelled):
        list(lines(tmp_path / "a", ReadContext(lambda _event: None, stop)))


def test_a_json_document_tells_where_it_is_no_utf8(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(b'{"a": 1,\n "b": "\xe9"}')
    with pytest.raises(DataError, match=r"a\.json line 2: got byte 0xe9 at column 8, expected UTF-8"):
        read_json(tmp_path / "a.json", SILENT)


def test_a_document_nested_too_deep_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("[" * 200_000)
    with pytest.raises(DataError, match="is not a JSON document"):
        read_json(tmp_path / "a.json", SILENT)


def test_a_missing_file_is_reported(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="gone cannot be read: no such file"):
        list(lines(tmp_path / "gone", SILENT))
