"""Indices of the rows of a batch.

Shapes: B rows of the batch, P positive pairs, Q rows of the loss.
"""

from __future__ import annotations

import torch
from torch import Tensor


def row_of(value_B: Tensor) -> Tensor:
    """Return the indices 0 to B - 1, on the device of `value_B`."""
    return torch.arange(len(value_B), device=value_B.device)


def first_of_each(row_P: Tensor, num_rows: int) -> Tensor:
    """Return an order of the P pairs in which the first pair of row q comes at index q.

    The first `num_rows` indices are the first pair of each of the rows 0 to `num_rows` - 1, and all other
    pairs follow. A policy uses pair b as the main positive of anchor b. `row_P` must contain each row.
    """
    index_P = row_of(row_P)
    first_Q = index_P.new_full((num_rows,), len(row_P)).scatter_reduce(0, row_P, index_P, "amin")
    repeated_P = (first_Q.index_select(0, row_P) != index_P).to(row_P.dtype)
    return torch.argsort(repeated_P * num_rows + row_P, stable=True)
