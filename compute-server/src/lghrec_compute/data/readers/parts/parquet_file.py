"""A Parquet file: its columns by name, read some million rows at a time."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from lghrec_compute.data.raw import Watch
from lghrec_compute.data.readers.parts.base import Tally
from lghrec_compute.data.source import unreadable
from lghrec_compute.errors import DataError

_STEP = 1 << 23  # rows


class ParquetFile:
    """Raises `DataError` for a file that is none, or is cut."""

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
        """Columns of strings."""

    def read(self, columns: Sequence[str], watch: Watch) -> pl.DataFrame:
        """The columns of all rows. Raises `DataError` for one that is not there."""
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
                watch.tick(start, num_rows)
                frames.append(wanted.slice(start, _STEP).collect())
        except (pl.exceptions.PolarsError, OSError) as error:
            raise self._damaged(error) from error
        return pl.concat(frames, rechunk=False)

    def with_ids(self, frame: pl.DataFrame, ids: Sequence[str], tally: Tally) -> pl.DataFrame:
        """Id columns as strings, without the rows in which one is null or blank; those are counted.

        Raises `DataError` for a column that is neither strings nor whole numbers.
        """
        for name in ids:
            dtype = frame.schema[name]
            if dtype != pl.String and not dtype.is_integer() and dtype not in (pl.Categorical, pl.Enum):
                raise DataError(
                    f"{self.path.name}: got {name} of type {dtype}, expected strings or whole numbers"
                )
        frame = frame.with_columns(pl.col(name).cast(pl.String) for name in ids)
        good = pl.all_horizontal((pl.col(name).str.strip_chars() != "").fill_null(False) for name in ids)
        return self.only(frame, good, tally, fault="got an empty id")

    def only(self, frame: pl.DataFrame, good: pl.Expr, tally: Tally, *, fault: str) -> pl.DataFrame:
        """The good rows; the others are counted, the first by its number from 0."""
        mask = frame.select(good.alias("good"))["good"]
        if mask.all():
            return frame
        if not tally.num_malformed:
            tally.skip(f"row {mask.arg_min()}", fault)
            tally.num_malformed -= 1
        tally.num_malformed += int((~mask).sum())
        return frame.filter(mask)

    def _damaged(self, error: Exception) -> DataError:
        return DataError(
            f"{self.path.name} cannot be read as Parquet: {str(error).splitlines()[0].lower()}",
            hint="copy or write the file again",
        )


def _is_string(kind: pa.DataType) -> bool:
    value = kind.value_type if pa.types.is_dictionary(kind) else kind
    return pa.types.is_string(value) or pa.types.is_large_string(value) or pa.types.is_string_view(value)
