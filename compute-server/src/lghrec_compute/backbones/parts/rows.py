"""Places of the rows of a batch. Shapes: types.py."""

from __future__ import annotations

import torch
from torch import Tensor


def row_of(value_B: Tensor) -> Tensor:
    """0 .. B - 1, on the same device."""
    return torch.arange(len(value_B), device=value_B.device)


def first_of_each(row_P: Tensor, num_rows: int) -> Tensor:
    """An order of the P places: the first of each of the rows 0 .. num_rows - 1, by row, then all others.

    A policy takes pair b for the main one of anchor b. Each row stands in `row_P`.
    """
    index_P = row_of(row_P)
    first_Q = index_P.new_full((num_rows,), len(row_P)).scatter_reduce(0, row_P, index_P, "amin")
    again_P = (first_Q.index_select(0, row_P) != index_P).to(row_P.dtype)
    return torch.argsort(again_P * num_rows + row_P, stable=True)
