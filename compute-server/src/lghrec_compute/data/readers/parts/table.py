"""Reads rows of delimited text, block by block, for delimited, RecBole and MovieLens files.

A row longer than 16 MiB is an error. Quotes are special only if the layout says so (RFC 4180: a quoted cell
may contain separators, line ends and doubled quotes).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.csv as pa_csv

from lghrec_compute.data.raw import ReadContext
from lghrec_compute.data.readers.parts.base import FileRows, RowCounts, finish_rows
from lghrec_compute.data.readers.parts.streams import (
    MAX_LINE_BYTES,
    Stream,
    encoding_error,
    lines,
    open_stream,
)
from lghrec_compute.data.readers.parts.values import finite
from lghrec_compute.errors import DataError

_PAIR = "::"  # separator of MovieLens; read as a tab, which these files do not contain


@dataclass(frozen=True)
class TableLayout:
    """Column names in the file's order, the separator, the line number of the header (0 for none), and the
    encoding."""

    names: tuple[str, ...]
    separator: str
    header: int = 0
    quoted: bool = False
    encoding: str = "utf-8"


@dataclass(frozen=True)
class WantedColumns:
    """Columns to read. Rows must have valid ids and numbers; texts may contain anything."""

    ids: tuple[str, ...]
    numbers: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()

    @property
    def names(self) -> list[str]:
        """All names, once each."""
        return list(dict.fromkeys((*self.ids, *self.numbers, *self.texts)))


@dataclass(frozen=True)
class InteractionColumns:
    """Names of the columns of interactions in a file. None means that the file has no such column."""

    user: str
    item: str
    rating: str | None = None
    timestamp: str | None = None


def read_interactions(
    path: Path, layout: TableLayout, columns: InteractionColumns, context: ReadContext
) -> FileRows:
    """Read interactions by the rules of `base`."""
    numbers = (columns.rating,) if columns.rating else ()
    times = (columns.timestamp,) if columns.timestamp else ()
    frame, counts = read_table(
        path, layout, WantedColumns((columns.user, columns.item), numbers, times), context
    )
    named = {
        "user": columns.user,
        "item": columns.item,
        "rating": columns.rating,
        "timestamp": columns.timestamp,
    }
    frame = frame.select(pl.col(column).alias(name) for name, column in named.items() if column)
    return finish_rows(frame, counts, context)


def read_items(
    path: Path, layout: TableLayout, key: str, texts: Sequence[str], context: ReadContext
) -> pl.DataFrame:
    """Return the items and their text_<field> columns, with unchanged ids and texts."""
    frame, _ = read_table(path, layout, WantedColumns((key,), texts=tuple(texts)), context)
    return frame.select(pl.col(key).alias("item"), *(pl.col(name).alias("text_" + name) for name in texts))


def read_table(
    path: Path, layout: TableLayout, wanted: WantedColumns, context: ReadContext
) -> tuple[pl.DataFrame, RowCounts]:
    """Return the good rows (strings; numbers as float64). Bad rows are counted and reported.

    Raises `DataError` for more than 5 % bad rows, for text that is not UTF-8, and for a file that cannot be
    read.
    """
    frames: list[pl.DataFrame] = []
    counts = RowCounts(path)
    for batch in _batches(path, layout, wanted, counts, context=context):
        good = [pl.col(name).str.strip_chars() != "" for name in wanted.ids]
        good += [pl.col(name).is_finite().fill_null(value=False) for name in wanted.numbers]
        numbers = (pl.col(name).str.strip_chars().cast(pl.Float64, strict=False) for name in wanted.numbers)
        frames.append(batch.with_columns(numbers).filter(*good))
        counts.num_rows += len(batch)
    schema = dict.fromkeys(wanted.names, pl.String) | dict.fromkeys(wanted.numbers, pl.Float64)
    frame = pl.concat([pl.DataFrame(schema=schema), *frames])
    counts.num_malformed = counts.num_rows - len(frame)
    if counts.num_malformed:
        counts.first_bad = next(_faults(path, layout, wanted, context), "a row that is not text")
    counts.report(context)
    return frame, counts


def _batches(
    path: Path, layout: TableLayout, wanted: WantedColumns, counts: RowCounts, *, context: ReadContext
) -> Iterator[pl.DataFrame]:
    """Yield the wanted columns as strings. Rows with the wrong number of cells are counted in `counts`."""

    def skip(_row: pa_csv.InvalidRow) -> str:
        counts.num_rows += 1
        return "skip"

    pair, quote = layout.separator == _PAIR, '"' if layout.quoted else False
    read = pa_csv.ReadOptions(
        column_names=list(layout.names),
        skip_rows=layout.header,
        block_size=MAX_LINE_BYTES,
        use_threads=False,
    )
    parse = pa_csv.ParseOptions(
        delimiter="\t" if pair else layout.separator,
        quote_char=quote,
        newlines_in_values=layout.quoted,
        invalid_row_handler=skip,
    )
    convert = pa_csv.ConvertOptions(
        column_types=dict.fromkeys(layout.names, pa.string()),
        include_columns=wanted.names,
        strings_can_be_null=False,
    )
    try:
        with open_stream(path, context) as stream:
            source = _Recoded(stream, pair=pair, encoding=layout.encoding)
            for batch in pa_csv.open_csv(pa.PythonFile(source, "r"), read, parse, convert):
                stream.tick()
                yield pl.DataFrame(batch)
    except pa.ArrowInvalid as error:
        if "Empty CSV" in str(error):  # the file contains only a header
            return
        _raise_reason(path, layout, context)
        reason = str(error).splitlines()[0]
        raise DataError(f"{path.name} cannot be read as delimited text: {reason}") from error


class _Recoded(io.RawIOBase):
    """A stream converted to UTF-8, with "::" replaced by tabs."""

    def __init__(self, stream: Stream, *, pair: bool, encoding: str) -> None:
        super().__init__()
        self._stream, self._pair, self._encoding = stream, pair, encoding
        self._rest = b""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        data = self._stream.read(size)
        if self._encoding != "utf-8":
            data = data.decode(self._encoding).encode()
        if not self._pair:
            return data
        data, self._rest = self._rest + data, b""
        if data.endswith(b":") and not data.endswith(b"::"):
            data, self._rest = data[:-1], b":"  # the second colon may follow in the next bytes
        return data.replace(b"::", b"\t") or (self._rest and self.read(size))


def _raise_reason(path: Path, layout: TableLayout, context: ReadContext) -> None:
    """Raise the error of the first line that is too long or is not text, if there is one."""
    for number, line in lines(path, context):
        try:
            line.decode(layout.encoding)
        except UnicodeDecodeError as error:
            raise encoding_error(path, number, error) from error


def _faults(path: Path, layout: TableLayout, wanted: WantedColumns, context: ReadContext) -> Iterator[str]:
    """Yield the line number and fault of each bad row. This is slow, so it is called only if there is one."""
    rows = _TextLines(path, layout.encoding, context)
    texts = iter(rows)
    if layout.header:
        next(texts, "")
    if layout.quoted:
        with suppress(csv.Error):
            for cells in csv.reader(texts, delimiter=layout.separator):
                if fault := _fault(cells, layout, wanted):
                    yield f"line {rows.number}: {fault}"
    else:
        for text in texts:
            if fault := _fault(text[:-1].split(layout.separator), layout, wanted):
                yield f"line {rows.number}: {fault}"


class _TextLines:
    """Lines of a file with their ends. `number` is that of the last line, because a quoted row may span
    several lines."""

    def __init__(self, path: Path, encoding: str, context: ReadContext) -> None:
        self.number = 0
        self._lines, self._encoding = lines(path, context), encoding

    def __iter__(self) -> Iterator[str]:
        for number, line in self._lines:
            self.number = number
            yield line.decode(self._encoding, "replace") + "\n"


def _fault(cells: Sequence[str], layout: TableLayout, wanted: WantedColumns) -> str:
    if len(cells) != len(layout.names):
        return f"got {len(cells)} columns, expected {len(layout.names)}"
    values = dict(zip(layout.names, cells, strict=True))
    for name in wanted.ids:
        if not values[name].strip():
            return f"got an empty {name}, expected an id"
    for name in wanted.numbers:
        if finite(values[name]) is None:
            return f"got {name} {values[name]!r}, expected a number"
    return ""
