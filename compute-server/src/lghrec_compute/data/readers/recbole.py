"""RecBole's atomic files: <name>.inter with interactions, and <name>.item with texts.

.inter requires user_id:token and item_id:token. It may have rating:float and timestamp:float; other columns
are ignored. A given split is in <name>.train.inter, <name>.valid.inter and <name>.test.inter. .item requires
item_id:token; its token and token_seq columns are text fields, and its float columns are ignored. Format:
https://recbole.io/docs/user_guide/data/atomic_files.html
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from lghrec_compute.data.raw import RawData, ReadContext
from lghrec_compute.data.readers.parts.base import FileRows, read_source
from lghrec_compute.data.readers.parts.streams import text_lines
from lghrec_compute.data.readers.parts.table import (
    InteractionColumns,
    TableLayout,
    read_interactions,
    read_items,
)
from lghrec_compute.data.source_files import SourceFiles, bare_name
from lghrec_compute.errors import DataError

_TYPES = ("token", "token_seq", "float", "float_seq")
_USER, _ITEM, _RATING, _TIME = "user_id", "item_id", "rating", "timestamp"


def read(files: SourceFiles, context: ReadContext) -> RawData:
    """Read all files by the rules of `parts/base.py`. Raises `DataError` also for a wrong header."""
    return read_source(files, context, _interactions, _items)


def _interactions(path: Path, context: ReadContext) -> FileRows:
    types = _header(path, context, required=(_USER, _ITEM))
    rating = _RATING if _RATING in types else None
    time = _TIME if types.get(_TIME) == "float" else None
    layout = TableLayout(tuple(types), "\t", header=1)
    return read_interactions(path, layout, InteractionColumns(_USER, _ITEM, rating, time), context)


def _items(path: Path, context: ReadContext) -> pl.DataFrame:
    types = _header(path, context, required=(_ITEM,))
    fields = [name for name, kind in types.items() if name != _ITEM and kind in ("token", "token_seq")]
    return read_items(path, TableLayout(tuple(types), "\t", header=1), _ITEM, fields, context)


def _header(path: Path, context: ReadContext, *, required: tuple[str, ...]) -> dict[str, str]:
    """Return the types by column name. Raises `DataError` for a header in which a column is not
    `name:type`."""
    number, text = next(text_lines(path, context), (1, ""))
    text = text if number == 1 else ""
    types: dict[str, str] = {}
    for cell in text.split("\t"):
        name, _, kind = cell.rpartition(":")
        if not name or kind not in _TYPES or name in types:
            raise DataError(
                f"{path.name} line 1: got column {cell!r}, expected a new name:type, "
                f"with type one of {', '.join(_TYPES)}",
                hint="the first line of an atomic file is, for example, user_id:token<tab>item_id:token",
            )
        types[name] = kind
    for name in required:
        if types.get(name) != "token":
            got = ", ".join(f"{column}:{kind}" for column, kind in types.items())
            raise DataError(f"{path.name} line 1: got columns {got}, expected {name}:token among them")
    if types.get(_RATING, "float") != "float" and bare_name(path).endswith(".inter"):
        raise DataError(f"{path.name} line 1: got rating:{types[_RATING]}, expected rating:float")
    return types
