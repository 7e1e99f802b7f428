"""External ids as Parquet stores them: concatenated bytes, searched in place.

A dictionary of a million ids would need about 150 MB and half a second for each open model.
"""

from __future__ import annotations

from bisect import bisect_left
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from lghrec_compute.types import Ints


class ExternalIds:
    """External ids of rows 0, 1, .... All ids are different."""

    def __init__(self, column: pa.ChunkedArray) -> None:
        ids = column.cast(pa.large_string()).combine_chunks()
        _, offsets, data = ids.buffers()
        self._offsets: Ints = np.frombuffer(offsets, np.int64)[ids.offset : ids.offset + len(ids) + 1]
        self._data = memoryview(data) if data is not None else memoryview(b"")
        # rows in the order of their UTF-8 bytes; the server's own data sets are sorted already
        self._order: Ints = pc.call_function("sort_indices", [ids]).to_numpy().astype(np.int64)

    def __len__(self) -> int:
        return len(self._order)

    def name(self, row: int) -> str:
        """Return the id of a row."""
        return self._bytes(row).decode()

    def find(self, name: str) -> int | None:
        """Return the row of an id, or None if there is no such id. The cost is log2(ids) comparisons."""
        wanted = name.encode("utf-8", "surrogatepass")
        index = bisect_left(self._order, wanted, key=self._bytes)
        if index == len(self._order) or self._bytes(self._order[index]) != wanted:
            return None
        return int(self._order[index])

    def _bytes(self, row: int | np.int64) -> bytes:
        return bytes(self._data[self._offsets[row] : self._offsets[row + 1]])


def read_ids(path: Path) -> ExternalIds:
    """Read the ids of users.parquet or items.parquet of a data set."""
    return ExternalIds(pq.read_table(path, columns=["external_id"])["external_id"])
