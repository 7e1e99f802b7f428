"""Reads item texts for the mapped formats: delimited text, JSONL, Parquet, a JSON list or a JSON map.

The ending of the file name selects one of these. The item ids are in the column named `columns.item`,
otherwise in the first column that is named id or ends in _id or Id. In a JSON map {id: {field: text}} they
are the keys, and in delimited text whose columns are given by number, they are in the column with that
number. Text fields are those of `columns.text`, by default every column of strings; columns of numbers and
lists are text fields only if `columns.text` names them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import polars as pl

from lghrec_compute.data.raw import ReadContext
from lghrec_compute.data.readers.parts import table
from lghrec_compute.data.readers.parts.base import RowCounts, item_frame
from lghrec_compute.data.readers.parts.json_rows import objects
from lghrec_compute.data.readers.parts.parquet_file import ParquetFile
from lghrec_compute.data.readers.parts.sniff import numbered, sniff
from lghrec_compute.data.readers.parts.streams import read_json
from lghrec_compute.data.readers.parts.values import id_text, text_of
from lghrec_compute.data.source_files import bare_name
from lghrec_compute.errors import DataError
from lghrec_compute.spec.source import ColumnsSpec


def read_items_file(path: Path, columns: ColumnsSpec, context: ReadContext) -> pl.DataFrame:
    """Return the columns item and text_<field>, with several rows per item if the file has them.

    Raises `DataError` for a missing field, and the errors of the format's reader.
    """
    match bare_name(path).rsplit(".", 1)[-1]:
        case "parquet":
            return _parquet(path, columns, context)
        case "jsonl" | "ndjson":
            return records(
                path, objects(path, context, counts := RowCounts(path)), columns, context, counts=counts
            )
        case "json":
            return _document(path, columns, context)
        case _:
            return _delimited(path, columns, context)


def records(
    path: Path,
    rows: Iterable[tuple[str, Mapping[str, object]]],
    columns: ColumnsSpec,
    context: ReadContext,
    *,
    counts: RowCounts,
) -> pl.DataFrame:
    """Return the items of records. Each record has its position in the file."""
    kept = [(where, row) for where, row in rows]
    names = list(dict.fromkeys(name for _, row in kept for name in row))
    key = id_column(names, columns.item, path)
    strings = {name for _, row in kept for name, value in row.items() if isinstance(value, str)}
    fields = text_fields([name for name in names if name in strings], names, key, columns.text, path=path)
    good: list[tuple[str, Mapping[str, object]]] = []
    for where, row in kept:
        counts.num_rows += 1
        if (item := id_text(row.get(key))) is None:
            counts.skip(where, f"got {key} {row.get(key)!r:.80}, expected an id")
        else:
            good.append((item, row))
    counts.report(context)
    texts = {name: [text_of(row.get(name)) for _, row in good] for name in fields}
    return item_frame([item for item, _ in good], texts)


def id_column(names: Sequence[str], wanted: str, path: Path) -> str:
    """Return the column with the item ids."""
    if wanted in names:
        return wanted
    for name in names:
        if name == "id" or name.endswith(("_id", "Id")):
            return name
    raise DataError(
        f"{path.name}: no column {wanted!r} of item ids, got {', '.join(names)[:200] or 'none'}",
        hint="give the column the name of source.columns.item, the name id, or a name that ends in _id",
    )


def text_fields(
    strings: Sequence[str], names: Sequence[str], key: str, wanted: Sequence[str], *, path: Path
) -> list[str]:
    """Return the wanted fields, or by default all columns of strings except the ids."""
    if missing := [name for name in wanted if name not in names]:
        raise DataError(
            f"{path.name}: no column {', '.join(missing)}, got {', '.join(names)[:200]}",
            hint="set source.columns.text to columns of the file, or leave it out for all columns of strings",
        )
    return list(wanted) or [name for name in strings if name != key]


def _document(path: Path, columns: ColumnsSpec, context: ReadContext) -> pl.DataFrame:
    document = read_json(path, context)
    if isinstance(document, dict):
        return map_items(path, document, columns, context)
    if isinstance(document, list):
        rows = [(f"entry {index}", row) for index, row in enumerate(document) if isinstance(row, dict)]
        counts = RowCounts(path)
        for index, row in enumerate(document):
            if not isinstance(row, dict):
                counts.num_rows += 1
                counts.skip(f"entry {index}", f"got {row!r:.80}, expected an object")
        return records(path, rows, columns, context, counts=counts)
    raise DataError(f"{path.name}: got neither a list nor a map of items")


def map_items(
    path: Path, document: Mapping[str, object], columns: ColumnsSpec, context: ReadContext
) -> pl.DataFrame:
    """Return the items of {id: {field: text}}, or of {id: text} with the field name text."""
    rows = [
        (f"item {item!r}", {**(row if isinstance(row, dict) else {"text": row}), "": item})
        for item, row in document.items()
    ]
    return records(path, rows, columns.model_copy(update={"item": ""}), context, counts=RowCounts(path))


def _parquet(path: Path, columns: ColumnsSpec, context: ReadContext) -> pl.DataFrame:
    file = ParquetFile(path)
    key = id_column(file.names, columns.item, path)
    fields = text_fields(file.strings, file.names, key, columns.text, path=path)
    frame = file.read([key, *fields], context)
    counts = RowCounts(path, len(frame))
    frame = file.with_ids(frame, [key], counts)
    counts.report(context)
    texts = {
        name: frame[name].to_list()
        if frame.schema[name] == pl.String
        else [text_of(v) for v in frame[name].to_list()]
        for name in fields
    }
    return item_frame(frame[key].to_list(), texts)


def _delimited(path: Path, columns: ColumnsSpec, context: ReadContext) -> pl.DataFrame:
    layout, second = sniff(path, None, context)
    if columns.item.isdecimal() and columns.item not in layout.names:
        layout = numbered(layout)
    key = id_column(layout.names, columns.item, path)
    strings = [
        name for name, cell in zip(layout.names, second, strict=False) if name != key and not _is_number(cell)
    ]
    fields = text_fields(strings, layout.names, key, columns.text, path=path)
    return table.read_items(path, layout, key, fields, context)


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True
