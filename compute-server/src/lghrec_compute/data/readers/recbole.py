"""RecBole's atomic files: <name>.inter with interactions, and <name>.item with texts.

.inter needs user_id:token and item_id:token; rating:float is read if it is there, other columns are not.
.item needs item_id:token; its token and token_seq columns are text fields, floats are not.
Format: https://recbole.io/docs/user_guide/data/atomic_files.html
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from lghrec_compute.data.raw import RawData
from lghrec_compute.data.readers.tab_separated import Columns, Rows, read_header, read_rows
from lghrec_compute.data.source import SourceFiles
from lghrec_compute.errors import DataError
from lghrec_compute.events import Emit, Warn

_TYPES = ("token", "token_seq", "float", "float_seq")
_USER, _ITEM, _RATING = "user_id", "item_id", "rating"


def read_recbole(files: SourceFiles, emit: Emit) -> RawData:
    """Reads both files; rows that are skipped become a `Warn` each file.

    Raises `DataError` for a wrong header, more than 5 % bad rows, text that is not UTF-8, unreadable files.
    """
    interactions, num_rows_read = _read_interactions(files.inter, emit)
    items, text_fields = _read_items(files.item, emit) if files.item else (_no_items(), ())
    return RawData(interactions, items, text_fields, num_rows_read)


def _read_interactions(path: Path, emit: Emit) -> tuple[pl.DataFrame, int]:
    types = _header(path, required=(_USER, _ITEM))
    numbers = (_RATING,) if _RATING in types else ()
    rows = read_rows(path, Columns(types, ids=(_USER, _ITEM), numbers=numbers))
    _tell_skipped(path, rows, emit)
    frame = rows.frame.select(_USER, _ITEM, *numbers).rename({_USER: "user", _ITEM: "item"})
    return frame, rows.num_rows


def _read_items(path: Path, emit: Emit) -> tuple[pl.DataFrame, tuple[str, ...]]:
    types = _header(path, required=(_ITEM,))
    rows = read_rows(path, Columns(types, ids=(_ITEM,)))
    _tell_skipped(path, rows, emit)
    fields = tuple(name for name, kind in types.items() if name != _ITEM and kind in ("token", "token_seq"))
    frame = rows.frame.select(
        pl.col(_ITEM).alias("item"), *(pl.col(name).alias("text_" + name) for name in fields)
    )
    # sorted by all columns first, so that which of two rows stays does not depend on their order in the file
    unique = frame.sort(frame.columns).unique("item", keep="first", maintain_order=True)
    if len(unique) < len(frame):
        message = f"{path.name}: {len(frame) - len(unique):,} further rows of the same item left out"
        emit(Warn("items_duplicated", message))
    return unique, fields


def _header(path: Path, *, required: tuple[str, ...]) -> dict[str, str]:
    types = read_header(path, _TYPES)
    for name in required:
        if types.get(name) != "token":
            got = ", ".join(f"{column}:{kind}" for column, kind in types.items())
            raise DataError(f"{path.name} line 1: got columns {got}, expected {name}:token among them")
    if "rating" in types and types["rating"] != "float" and path.suffix == ".inter":
        raise DataError(f"{path.name} line 1: got rating:{types['rating']}, expected rating:float")
    return types


def _tell_skipped(path: Path, rows: Rows, emit: Emit) -> None:
    if rows.num_bad:
        share = f"{rows.num_bad:,} of {rows.num_rows:,} rows skipped"
        emit(Warn("rows_skipped", f"{path.name}: {share}, the first is {rows.first_bad}"))


def _no_items() -> pl.DataFrame:
    return pl.DataFrame(schema={"item": pl.String})
