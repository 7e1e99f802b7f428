"""Text files with a header of `name:type` columns and tab-separated rows, and the rule for bad rows.

A row is bad if its number of columns differs from the header's, if an id is empty or blank, or if a number
that is needed does not parse or is not finite. Bad rows are skipped and counted; if they are more than 5 % of
all rows, the file is refused with the first of them named. Quotes have no meaning; blank lines are no rows.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.csv as pa_csv

from lghrec_compute.data.source import unreadable
from lghrec_compute.errors import DataError

MAX_BAD_SHARE = 0.05
_BLOCK_BYTES = 1 << 24  # also the longest row that can be read


@dataclass(frozen=True)
class Columns:
    """Header of a file: types by name, in order, and the columns that rows are judged by."""

    types: dict[str, str]
    ids: tuple[str, ...]
    numbers: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Column names in the file's order."""
        return tuple(self.types)


@dataclass(frozen=True)
class Rows:
    """Good rows (strings; numbers as float64), counts of all rows and of bad ones, first bad one."""

    frame: pl.DataFrame
    num_rows: int
    num_bad: int
    first_bad: str


def read_header(path: Path, known_types: Sequence[str]) -> dict[str, str]:
    """Types by column name. Raises `DataError` for a header that is not `name:type` in each column."""
    try:
        with path.open("rb") as file:
            line = file.readline(_BLOCK_BYTES)
    except OSError as error:
        raise unreadable(path, error) from error
    try:
        text = line.decode("utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise _encoding_error(path, 1, error) from error
    types: dict[str, str] = {}
    for cell in text.split("\t"):
        name, _, kind = cell.rpartition(":")
        if not name or kind not in known_types or name in types:
            raise DataError(
                f"{path.name} line 1: got column {cell!r}, expected a new name:type, "
                f"with type one of {', '.join(known_types)}",
                hint="the first line of an atomic file reads, for example, user_id:token<tab>item_id:token",
            )
        types[name] = kind
    return types


def read_rows(path: Path, columns: Columns) -> Rows:
    """Reads all rows under the rule for bad rows.

    Raises `DataError` for more than 5 % bad rows, for text that is not UTF-8, for a file that cannot be read.
    """
    table, num_ragged = _parse(path, columns.names)
    frame = pl.DataFrame(table)
    num_rows = len(frame) + num_ragged
    frame = frame.with_columns(
        pl.col(name).str.strip_chars().cast(pl.Float64, strict=False) for name in columns.numbers
    )
    good = [pl.col(name).str.strip_chars() != "" for name in columns.ids]
    good += [pl.col(name).is_finite().fill_null(value=False) for name in columns.numbers]
    frame = frame.filter(*good)

    num_bad = num_rows - len(frame)
    if num_bad == 0:
        return Rows(frame, num_rows, 0, "")
    first_bad = next(_faults(path, columns), "a line that is not text")
    if num_bad > MAX_BAD_SHARE * num_rows:
        raise DataError(
            f"{path.name} {first_bad}; {num_bad:,} of {num_rows:,} rows cannot be used, "
            f"at most {MAX_BAD_SHARE:.0%} may be skipped",
            hint="check the file's layout against its header",
        )
    return Rows(frame, num_rows, num_bad, first_bad)


def _parse(path: Path, names: Sequence[str]) -> tuple[pa.Table, int]:
    num_ragged = 0

    def skip(_row: pa_csv.InvalidRow) -> str:
        nonlocal num_ragged
        num_ragged += 1
        return "skip"

    try:
        table = pa_csv.read_csv(
            path,
            pa_csv.ReadOptions(
                column_names=list(names), skip_rows=1, block_size=_BLOCK_BYTES, use_threads=False
            ),
            pa_csv.ParseOptions(delimiter="\t", quote_char=False, invalid_row_handler=skip),
            pa_csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False),
        )
    except pa.ArrowInvalid as error:
        if "Empty CSV" in str(error):  # a header and nothing else
            return pa.table({name: pa.array([], pa.string()) for name in names}), 0
        _raise_if_not_utf8(path)
        reason = str(error).splitlines()[0]
        raise DataError(f"{path.name} cannot be read as tab-separated text: {reason}") from error
    except OSError as error:
        raise unreadable(path, error) from error
    return table, num_ragged


def _raise_if_not_utf8(path: Path) -> None:
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            try:
                line.decode()
            except UnicodeDecodeError as error:
                raise _encoding_error(path, number, error) from error


def _encoding_error(path: Path, line: int, error: UnicodeDecodeError) -> DataError:
    got = error.object[error.start]
    return DataError(
        f"{path.name} line {line}: got byte 0x{got:02x} at column {error.start + 1}, expected UTF-8",
        hint="convert the file, for example with iconv -f latin1 -t utf-8",
    )


def _faults(path: Path, columns: Columns) -> Iterator[str]:
    """Line number and fault of each bad row. Slow, and only called when there is one."""
    with path.open(encoding="utf-8-sig") as file:
        for number, line in enumerate(file, 1):
            text = line.rstrip("\r\n")
            if number > 1 and text and (fault := _fault(text, columns)):
                yield f"line {number}: {fault}"


def _fault(text: str, columns: Columns) -> str:
    cells = text.split("\t")
    if len(cells) != len(columns.names):
        return f"got {len(cells)} columns, expected {len(columns.names)}"
    values = dict(zip(columns.names, cells, strict=True))
    for name in columns.ids:
        if not values[name].strip():
            return f"got an empty {name}, expected an id"
    for name in columns.numbers:
        if not _is_finite(values[name]):
            return f"got {name} {values[name]!r}, expected a number"
    return ""


def _is_finite(text: str) -> bool:
    try:
        return "_" not in text and math.isfinite(float(text))
    except ValueError:
        return False
