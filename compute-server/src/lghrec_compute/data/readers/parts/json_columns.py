"""Interactions from lines of JSON as columns: the fast way for lines that are all alike and all good."""

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
    """Names of the fields of an interaction, "" where there is none."""

    user: str
    item: str
    rating: str = ""
    time: str = ""
    item_else: str = ""
    """Holds the item where `item` is absent or empty."""
    absent: str = ""
    """A record that has this field has another shape."""

    @property
    def ids(self) -> tuple[str, ...]:
        """Fields of ids."""
        return tuple(filter(None, (self.user, self.item, self.item_else)))

    def add(self, rows: RowCollector, where: str, record: Record) -> None:
        """Adds a record if it is good."""
        item = record.get(self.item)
        if self.item_else:
            item = item or record.get(self.item_else)
        rating = record.get(self.rating) if self.rating else None
        time = record.get(self.time) if self.time else None
        rows.add(where, record.get(self.user), item, rating=rating, time=time)


@dataclass(frozen=True)
class JsonColumns:
    """Reads lines that all have one shape and the types of `schema`."""

    shape: RecordFields
    schema: pa.Schema
    rated: bool

    @staticmethod
    def of(shape: RecordFields, sample: Sequence[Record], *, rated: bool) -> JsonColumns:
        """By what the first rows have. Ids are taken for text, ratings and times for numbers, if not told."""
        kinds: dict[str, pa.DataType] = {}
        for name in filter(None, (shape.rating if rated else "", shape.time)):
            kinds[name] = pa.string() if _kinds(sample, name) == {str} else pa.float64()
        for name in shape.ids:
            kinds[name] = pa.int64() if _kinds(sample, name) == {int} else pa.string()
        if shape.absent:
            kinds[shape.absent] = pa.string()
        return JsonColumns(shape, pa.schema(list(kinds.items())), rated)

    def add(self, block: bytes, rows: RowCollector) -> bool:
        """Adds the rows of a block of lines; adds none and returns False if one is not plain, or not good."""
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
        # each line begins and ends as an object does: none goes on in the next line, and none is blank
        if num_ends != num_rows - 1 or not block.startswith(b"{") or not block.endswith((b"}", b"}\n")):
            return None
        try:
            block.decode()  # the parser does not look at the encoding of all fields
            table = pa_json.read_json(
                pa.BufferReader(block),
                pa_json.ReadOptions(use_threads=False, block_size=len(block) + 1),
                pa_json.ParseOptions(explicit_schema=self.schema, unexpected_field_behavior="ignore"),
            )
        except _REFUSED:
            return None
        if len(table) != num_rows:  # several in one line
            return None
        return pl.DataFrame(table).select(*self._columns())

    def _columns(self) -> list[pl.Expr]:
        shape = self.shape
        item = pl.col(shape.item).cast(pl.String)
        if shape.item_else:
            item = pl.when(item != "").then(item).otherwise(pl.col(shape.item_else).cast(pl.String))
        rating = pl.col(shape.rating).cast(pl.Float64, strict=False) if self.rated else pl.lit(0.0)
        return [
            pl.col(shape.user).cast(pl.String).alias("user"),
            item.alias("item"),
            rating.alias("rating"),
            (pl.col(shape.time) if shape.time else pl.lit(None, pl.String)).alias("timestamp"),
            (pl.col(shape.absent).is_null() if shape.absent else pl.lit(value=True)).alias("alike"),
        ]

    @staticmethod
    def _all_good(frame: pl.DataFrame) -> bool:
        ids = pl.col("user", "item").str.strip_chars() != ""
        good = pl.all_horizontal(ids, pl.col("rating").is_finite(), "alike").fill_null(value=False)
        return bool(frame.select(good.all()).item())


def _kinds(sample: Sequence[Record], name: str) -> set[type]:
    """Types of a field's values."""
    return {type(record[name]) for record in sample if record.get(name) is not None}
