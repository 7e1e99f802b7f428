"""Tiles of rows that bound the size of a matrix that is computed at once."""

from __future__ import annotations

from collections.abc import Mapping

import torch


def rows_per_tile(num_columns: int, device: torch.device, cells: Mapping[str, int]) -> int:
    """Return the number of rows of a tile, at least 1.

    `cells` is the number of matrix entries that a tile may have, by type of device ("cpu", "cuda").
    """
    return max(1, cells["cuda" if device.type == "cuda" else "cpu"] // max(1, num_columns))


def row_tiles(num_rows: int, num_columns: int, device: torch.device, cells: Mapping[str, int]) -> list[slice]:
    """Return slices that cover all rows, each of at most `rows_per_tile` rows."""
    size = rows_per_tile(num_columns, device, cells)
    return [slice(start, min(start + size, num_rows)) for start in range(0, num_rows, size)]
