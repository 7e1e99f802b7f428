"""Product of a sparse matrix and a table.

Shapes: D embedding size, E entries, X rows and Y columns of the matrix.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional


def product(matrix: Tensor, table_YD: Tensor) -> Tensor:
    """Return sparse CSR [X, Y] times [Y, D], [X, D], without gradient. Callers compute their own
    gradients."""
    return csr_product(matrix.crow_indices(), matrix.col_indices(), matrix.values(), table_YD)


@torch.no_grad()
def csr_product(offset: Tensor, column_E: Tensor, value_E: Tensor, table_YD: Tensor) -> Tensor:
    """Return the same product, given the parts of the CSR matrix.

    `offset` [X + 1] and `column_E` have the same integer type. On the CPU the product is computed as a
    weighted embedding bag, which keeps the sum of a row in registers: 2.6 to 3 times as fast as PyTorch's
    sparse product (82,000 to 134,000 entries, 64 dimensions, one thread). Entries are added in their order
    with any number of threads.
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
