"""A Parquet file: its columns by name, read a few million rows at a time."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from lghrec_compute.data.raw import ReadContext
from lghrec_compute.data.readers.parts.base import RowCounts
from lghrec_compute.data.source import unreadable
from lghrec_compute.errors import DataError

_STEP = 1 << 23  # rows


class ParquetFile:
    """Opens the file. Raises `DataError` if it is not Parquet or is incomplete."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._file = pq.ParquetFile(path)
        except pa.ArrowInvalid as error:
            raise self._damaged(error) from error
        except OSError as error:
            raise unreadable(path, error) from error
        self.schema = self._file.schema_arrow
        self.names: list[str] = self.schema.names
        self.strings = [field.name for field in self.schema if _is_string(field.type)]
        """Names of the columns of strings."""

    def read(self, columns: Sequence[str], context: ReadContext) -> pl.DataFrame:
        """Return the columns of all rows. Raises `DataError` for a missing column."""
        if missing := [name for name in columns if name not in self.names]:
            raise DataError(
                f"{self.path.name}: no column {', '.join(missing)}, got {', '.join(self.names)[:200]}",
                hint="set source.columns to the names of the file's columns",
            )
        num_rows = self._file.metadata.num_rows
        wanted = pl.scan_parquet(self.path).select(list(dict.fromkeys(columns)))
        frames: list[pl.DataFrame] = []
        try:
            for start in range(0, max(num_rows, 1), _STEP):
                context.tick(start, num_rows)
                frames.append(wanted.slice(start, _STEP).collect())
        except (pl.exceptions.PolarsError, OSError) as error:
            raise self._damaged(error) from error
        return pl.concat(frames, rechunk=False)

    def with_ids(self, frame: pl.DataFrame, ids: Sequence[str], counts: RowCounts) -> pl.DataFrame:
        """Convert id columns to strings, and drop and count the rows in which an id is null or blank.

        Raises `DataError` for a column that contains neither strings nor whole numbers.
        """
        for name in ids:
            dtype = frame.schema[name]
            if dtype != pl.String and not dtype.is_integer() and dtype not in (pl.Categorical, pl.Enum):
                raise DataError(
                    f"{self.path.name}: got {name} of type {dtype}, expected strings or whole numbers"
                )
        frame = frame.with_columns(pl.col(name).cast(pl.String) for name in ids)
        good = pl.all_horizontal((pl.col(name).str.strip_chars() != "").fill_null(False) for name in ids)
        return self.only(frame, good, counts, fault="got an empty id")

    def only(self, frame: pl.DataFrame, good: pl.Expr, counts: RowCounts, *, fault: str) -> pl.DataFrame:
        """Return the good rows. The others are counted, and the first one is described by its number from
        0."""
        mask = frame.select(good.alias("good"))["good"]
        if mask.all():
            return frame
        if not counts.num_malformed:
            counts.skip(f"row {mask.arg_min()}", fault)
            counts.num_malformed -= 1
        counts.num_malformed += int((~mask).sum())
        return frame.filter(mask)

    def _damaged(self, error: Exception) -> DataError:
        return DataError(
            f"{self.path.name} cannot be read as Parquet: {str(error).splitlines()[0].lower()}",
            hint="copy or write the file again",
        )


def _is_string(kind: pa.DataType) -> bool:
    value = kind.value_type if pa.types.is_dictionary(kind) else kind
    return pa.types.is_string(value) or pa.types.is_large_string(value) or pa.types.is_string_view(value)
