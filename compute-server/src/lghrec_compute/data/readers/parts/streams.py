"""Bytes and lines of files: plain, gzip or zstd, told by their first bytes, in bounded memory.

Rules: a file that is compressed and ends in the middle is one error; so is more than 200 bytes unpacked for
one packed (after the first 64 MiB), a line longer than 16 MiB (with its number), and text that is not UTF-8
(with line and byte). A byte order mark is dropped, both line ends are taken, and blank lines are no rows.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa

from lghrec_compute.data.archive import MAX_RATIO
from lghrec_compute.data.raw import ReadContext
from lghrec_compute.data.source import unreadable
from lghrec_compute.errors import DataError

MAX_LINE_BYTES = 1 << 24
MAX_DOCUMENT_BYTES = 1 << 30
"""Most bytes of a JSON document that is read as a whole."""
_CHUNK_BYTES = 1 << 22
_FREE_BYTES = 1 << 26  # small files of one repeated line may have any ratio
_MAGIC = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd"}
_BOM = b"\xef\xbb\xbf"


class Stream(io.RawIOBase):
    """A file's bytes after unpacking; `read` raises `DataError`."""

    def __init__(self, path: Path, context: ReadContext) -> None:
        super().__init__()
        self.path = path
        self._context = context
        self._size = path.stat().st_size
        self._file = pa.OSFile(str(path), "rb")
        compression = _compression(path)
        self._compressed = compression is not None
        self._bytes = pa.CompressedInputStream(self._file, compression) if compression else self._file
        self._num_read = 0

    def readable(self) -> bool:
        """Always."""
        return True

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes, at most `size`, b"" at the end."""
        try:
            data = self._bytes.read(size if size >= 0 else None)
        except OSError as error:
            raise DataError(
                f"{self.path.name} cannot be unpacked, it is cut or damaged: {str(error).lower()}",
                hint="copy or download the file again",
            ) from error
        self._num_read += len(data)
        if self._compressed and self._num_read > max(_FREE_BYTES, MAX_RATIO * self._size):
            raise DataError(
                f"{self.path.name} unpacks to more than {MAX_RATIO} times its size",
                hint="unpack it by hand if it is to be trusted",
            )
        return data

    def tick(self) -> None:
        """Tells how far reading is; apart from `read`, which a table's reader calls from another thread."""
        self._context.tick(min(self._file.tell(), self._size), self._size)

    def close(self) -> None:
        """Closes the file."""
        self._file.close()
        super().close()


@contextmanager
def open_stream(path: Path, context: ReadContext) -> Iterator[Stream]:
    """Opens a file; raises `DataError` if it cannot be read."""
    try:
        stream = Stream(path, context)
    except OSError as error:
        raise unreadable(path, error) from error
    with stream:
        yield stream


def blocks(path: Path, context: ReadContext) -> Iterator[tuple[int, bytes]]:
    """Whole lines with their ends, some megabytes at a time, each with the number of its first, from 1.

    Only the last line of all may have no end.
    """
    rest, number = b"", 1
    with open_stream(path, context) as stream:
        while chunk := stream.read(_CHUNK_BYTES):
            stream.tick()
            data = rest + chunk
            end = data.rfind(b"\n") + 1
            block, rest = data[:end], data[end:]
            # what was left over is shorter than the limit, so only the first line can be too long
            if block.find(b"\n") > MAX_LINE_BYTES:
                raise long_line(path, number)
            if block:
                yield number, block.removeprefix(_BOM) if number == 1 else block
                number += block.count(b"\n")
            if len(rest) > MAX_LINE_BYTES:
                raise long_line(path, number)
    if rest:
        yield number, rest.removeprefix(_BOM) if number == 1 else rest


def lines(path: Path, context: ReadContext) -> Iterator[tuple[int, bytes]]:
    """Lines that are not blank, without their ends, numbered from 1."""
    for first, block in blocks(path, context):
        yield from lines_of(block, first)


def lines_of(block: bytes, first: int) -> Iterator[tuple[int, bytes]]:
    """The lines of a block, by the rules of `lines`; the first has number `first`."""
    for number, line in enumerate(block.split(b"\n"), first):
        if line and not line.isspace():
            yield number, line.removesuffix(b"\r")


def text_lines(path: Path, context: ReadContext) -> Iterator[tuple[int, str]]:
    """As `lines`, decoded; raises `DataError` at the first byte that is not UTF-8."""
    for number, line in lines(path, context):
        yield number, decoded(path, number, line)


def decoded(path: Path, number: int, line: bytes) -> str:
    """A line as text. Raises `DataError` at the first byte that is not UTF-8."""
    try:
        return line.decode()
    except UnicodeDecodeError as error:
        raise encoding_error(path, number, error) from error


def read_json(path: Path, context: ReadContext) -> Any:
    """A whole JSON document. Raises `DataError` if it is none, or larger than 1 GiB."""
    with open_stream(path, context) as stream:
        data = bytearray()
        while chunk := stream.read(_CHUNK_BYTES):
            stream.tick()
            data += chunk
            if len(data) > MAX_DOCUMENT_BYTES:
                raise DataError(
                    f"{path.name} is longer than {MAX_DOCUMENT_BYTES >> 30} GiB, too long for one document",
                    hint="write it as lines of JSON and use the format jsonl",
                )
    try:
        return json.loads(bytes(data).removeprefix(_BOM).decode())
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        start = data.rfind(b"\n", 0, error.start) + 1
        raise encoding_error(path, line, error, column=error.start - start + 1) from error
    except (ValueError, RecursionError) as error:
        raise DataError(f"{path.name} is not a JSON document: {error}") from error


def long_line(path: Path, number: int) -> DataError:
    """The error for a line above the limit."""
    return DataError(
        f"{path.name} line {number}: longer than {MAX_LINE_BYTES >> 20} MiB",
        hint="check that the file is text with one row a line",
    )


def encoding_error(
    path: Path, line: int, error: UnicodeDecodeError, *, column: int | None = None
) -> DataError:
    """The error for bytes that are not UTF-8; `column` counts bytes from 1."""
    got, place = error.object[error.start], column or error.start + 1
    return DataError(
        f"{path.name} line {line}: got byte 0x{got:02x} at column {place}, expected UTF-8",
        hint="convert the file, for example with iconv -f latin1 -t utf-8",
    )


def _compression(path: Path) -> str | None:
    with path.open("rb") as file:
        start = file.read(4)
    return next((name for magic, name in _MAGIC.items() if start.startswith(magic)), None)
