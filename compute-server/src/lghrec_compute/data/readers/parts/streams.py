"""Reads bytes and lines of files, plain or compressed by gzip or zstd, in bounded memory.

The first bytes of a file decide its compression. These are errors: a compressed file that is incomplete; more
than 200 unpacked bytes for one packed byte (after the first 64 MiB); a line longer than 16 MiB (with its
number); text that is not UTF-8 (with line and byte). A byte order mark is dropped, both line ends are
accepted, and blank lines are ignored.
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
"""Maximum number of bytes of a JSON document that is read as a whole."""
_CHUNK_BYTES = 1 << 22
_FREE_BYTES = 1 << 26  # small files of one repeated line may have any ratio
_MAGIC = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd"}
_BOM = b"\xef\xbb\xbf"


class Stream(io.RawIOBase):
    """A file's bytes after unpacking. `read` raises `DataError`."""

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
        """Return True."""
        return True

    def read(self, size: int = -1, /) -> bytes:
        """Return the next bytes, at most `size`, and b"" at the end."""
        try:
            data = self._bytes.read(size if size >= 0 else None)
        except OSError as error:
            raise DataError(
                f"{self.path.name} cannot be unpacked, it is incomplete or damaged: {str(error).lower()}",
                hint="copy or download the file again",
            ) from error
        self._num_read += len(data)
        if self._compressed and self._num_read > max(_FREE_BYTES, MAX_RATIO * self._size):
            raise DataError(
                f"{self.path.name} unpacks to more than {MAX_RATIO} times its size",
                hint="unpack it yourself if you trust it",
            )
        return data

    def tick(self) -> None:
        """Report the progress. It is separate from `read`, which the reader of a table calls from another
        thread."""
        self._context.tick(min(self._file.tell(), self._size), self._size)

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        super().close()


@contextmanager
def open_stream(path: Path, context: ReadContext) -> Iterator[Stream]:
    """Open a file. Raises `DataError` if it cannot be read."""
    try:
        stream = Stream(path, context)
    except OSError as error:
        raise unreadable(path, error) from error
    with stream:
        yield stream


def blocks(path: Path, context: ReadContext) -> Iterator[tuple[int, bytes]]:
    """Yield whole lines with their ends, a few megabytes at a time, each block with the number of its first
    line.

    Line numbers start at 1. Only the last line of the file may have no end.
    """
    rest, number = b"", 1
    with open_stream(path, context) as stream:
        while chunk := stream.read(_CHUNK_BYTES):
            stream.tick()
            data = rest + chunk
            end = data.rfind(b"\n") + 1
            block, rest = data[:end], data[end:]
            # the rest of the last chunk is shorter than the limit, so only the first line can be too long
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
    """Yield the non-blank lines without their ends, numbered from 1."""
    for first, block in blocks(path, context):
        yield from lines_of(block, first)


def lines_of(block: bytes, first: int) -> Iterator[tuple[int, bytes]]:
    """Yield the lines of a block, by the rules of `lines`. The first line has the number `first`."""
    for number, line in enumerate(block.split(b"\n"), first):
        if line and not line.isspace():
            yield number, line.removesuffix(b"\r")


def text_lines(path: Path, context: ReadContext) -> Iterator[tuple[int, str]]:
    """Yield decoded lines like `lines`. Raises `DataError` at the first byte that is not UTF-8."""
    for number, line in lines(path, context):
        yield number, decoded(path, number, line)


def decoded(path: Path, number: int, line: bytes) -> str:
    """Return a line as text. Raises `DataError` at the first byte that is not UTF-8."""
    try:
        return line.decode()
    except UnicodeDecodeError as error:
        raise encoding_error(path, number, error) from error


def read_json(path: Path, context: ReadContext) -> Any:
    """Read a whole JSON document. Raises `DataError` if it is not JSON, or larger than 1 GiB."""
    with open_stream(path, context) as stream:
        data = bytearray()
        while chunk := stream.read(_CHUNK_BYTES):
            stream.tick()
            data += chunk
            if len(data) > MAX_DOCUMENT_BYTES:
                raise DataError(
                    f"{path.name} is longer than {MAX_DOCUMENT_BYTES >> 30} GiB, too long for one document",
                    hint="write it as one JSON object per line and use the format jsonl",
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
    """Return the error for a line above the limit."""
    return DataError(
        f"{path.name} line {number}: longer than {MAX_LINE_BYTES >> 20} MiB",
        hint="check that the file is text with one row per line",
    )


def encoding_error(
    path: Path, line: int, error: UnicodeDecodeError, *, column: int | None = None
) -> DataError:
    """Return the error for bytes that are not UTF-8. `column` counts bytes from 1."""
    got, column = error.object[error.start], column or error.start + 1
    return DataError(
        f"{path.name} line {line}: got byte 0x{got:02x} at column {column}, expected UTF-8",
        hint="convert the file, for example with iconv -f latin1 -t utf-8",
    )


def _compression(path: Path) -> str | None:
    with path.open("rb") as file:
        start = file.read(4)
    return next((name for magic, name in _MAGIC.items() if start.startswith(magic)), None)
