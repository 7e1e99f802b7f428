"""Reads lines of JSON as columns: the fast path for lines that all have the same form and are all good."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.json as pa_json

from lghrec_compute.data.readers.parts.base import RowCollector

Record = Mapping[str, Any]

_REFUSED = (pa.ArrowInvalid, pa.ArrowNotImplementedError, UnicodeDecodeError)


@dataclass(frozen=True)
class RecordFields:
    """Names of the fields of an interaction, "" if there is none.

    `item_else` contains the item if `item` is absent or empty. A record that has the field `absent` has other
    fields.
    """

    user: str
    item: str
    rating: str = ""
    time: str = ""
    item_else: str = ""
    absent: str = ""

    @property
    def ids(self) -> tuple[str, ...]:
        """Fields that contain ids."""
        return tuple(filter(None, (self.user, self.item, self.item_else)))

    def add(self, rows: RowCollector, where: str, record: Record) -> None:
        """Add a record if it is good."""
        item = record.get(self.item)
        if self.item_else:
            item = item or record.get(self.item_else)
        rating = record.get(self.rating) if self.rating else None
        time = record.get(self.time) if self.time else None
        rows.add(where, record.get(self.user), item, rating=rating, time=time)


@dataclass(frozen=True)
class JsonColumns:
    """Reads lines that all have the same fields, with the types of `schema`."""

    fields: RecordFields
    schema: pa.Schema
    rated: bool

    @staticmethod
    def of(fields: RecordFields, sample: Sequence[Record], *, rated: bool) -> JsonColumns:
        """Infer the types from the first rows. By default ids are text, and ratings and times are numbers."""
        kinds: dict[str, pa.DataType] = {}
        for name in filter(None, (fields.rating if rated else "", fields.time)):
            kinds[name] = pa.string() if _kinds(sample, name) == {str} else pa.float64()
        for name in fields.ids:
            kinds[name] = pa.int64() if _kinds(sample, name) == {int} else pa.string()
        if fields.absent:
            kinds[fields.absent] = pa.string()
        return JsonColumns(fields, pa.schema(list(kinds.items())), rated)

    def add(self, block: bytes, rows: RowCollector) -> bool:
        """Add the rows of a block of lines. Returns False, and adds none, if a line is not plain or not
        good."""
        frame = self._read(block)
        good = frame is not None and self._all_good(frame)
        if frame is not None and good:
            rows.extend(frame.select("user", "item", "rating", "timestamp"))
        return good

    def _read(self, block: bytes) -> pl.DataFrame | None:
        if b"\r" in block:
            block = block.replace(b"\r\n", b"\n")
        num_rows = block.count(b"}\n{") + 1
        num_ends = block.count(b"\n") - block.endswith(b"\n")
        # each line begins and ends like an object, so no object spans several lines and no line is blank
        if num_ends != num_rows - 1 or not block.startswith(b"{") or not block.endswith((b"}", b"}\n")):
            return None
        try:
            block.decode()  # the parser does not check the encoding of all fields
            table = pa_json.read_json(
                pa.BufferReader(block),
                pa_json.ReadOptions(use_threads=False, block_size=len(block) + 1),
                pa_json.ParseOptions(explicit_schema=self.schema, unexpected_field_behavior="ignore"),
            )
        except _REFUSED:
            return None
        if len(table) != num_rows:  # a line contains several objects
            return None
        return pl.DataFrame(table).select(*self._columns())

    def _columns(self) -> list[pl.Expr]:
        fields = self.fields
        item = pl.col(fields.item).cast(pl.String)
        if fields.item_else:
            item = pl.when(item != "").then(item).otherwise(pl.col(fields.item_else).cast(pl.String))
        rating = pl.col(fields.rating).cast(pl.Float64, strict=False) if self.rated else pl.lit(0.0)
        return [
            pl.col(fields.user).cast(pl.String).alias("user"),
            item.alias("item"),
            rating.alias("rating"),
            (pl.col(fields.time) if fields.time else pl.lit(None, pl.String)).alias("timestamp"),
            (pl.col(fields.absent).is_null() if fields.absent else pl.lit(value=True)).alias("alike"),
        ]

    @staticmethod
    def _all_good(frame: pl.DataFrame) -> bool:
        ids = pl.col("user", "item").str.strip_chars() != ""
        good = pl.all_horizontal(ids, pl.col("rating").is_finite(), "alike").fill_null(value=False)
        return bool(frame.select(good.all()).item())


def _kinds(sample: Sequence[Record], name: str) -> set[type]:
    """Return the types of a field's values."""
    return {type(record[name]) for record in sample if record.get(name) is not None}
