"""Sparse matrix times table. Shapes: types.py; X rows, Y columns."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional


def product(matrix: Tensor, table_YD: Tensor) -> Tensor:
    """Sparse CSR [X, Y] times [Y, D] -> [X, D]; without gradient, callers have their own."""
    return csr_product(matrix.crow_indices(), matrix.col_indices(), matrix.values(), table_YD)


@torch.no_grad()
def csr_product(offset: Tensor, column_E: Tensor, value_E: Tensor, table_YD: Tensor) -> Tensor:
    """`product` of the parts of a CSR matrix: `offset` [X + 1] and `column_E` of one integer type.

    On the CPU a row is a weighted bag of rows of the table: PyTorch compiles that for the table's width and
    keeps a row's sum in registers, 2.6 to 3 times as fast as its sparse product (82,000 to 134,000 entries,
    64 dimensions, one thread). Entries are added in their order, at any thread count.
    """
    if table_YD.device.type == "cpu":
        return functional.embedding_bag(
            column_E,
            table_YD.contiguous(),
            offset,
            mode="sum",
            per_sample_weights=value_E,
            include_last_offset=True,
        )
    size = (len(offset) - 1, len(table_YD))
    return torch.sparse_csr_tensor(offset, column_E, value_E, size=size, check_invariants=False) @ table_YD
