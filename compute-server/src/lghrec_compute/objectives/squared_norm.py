"""Squared norm of the embeddings that a batch uses.

Shapes: B rows of the batch, D embedding size, V nodes.
"""

from __future__ import annotations

import torch
from torch import Tensor

from lghrec_compute.objectives.gather import embedding


def squared_norm(*rows_BD: Tensor) -> Tensor:
    """Return 1/(2B) times the sum of the squares of all tables, each [B, D]. The result is a scalar, at least
    0.

    The tables contain ego embeddings and not propagated ones, as in LightGCN, SGL and LightCCF. With semantic
    ids the ego embedding of an item is the fused one, so the fusion weights are penalized too.
    """
    return torch.stack([rows.square().sum() for rows in rows_BD]).sum() / (2 * len(rows_BD[0]))


def squared_norm_of(table_VD: Tensor, *node_B: Tensor) -> Tensor:
    """Return the same for the rows `node_B` of a table, [B] each, as often as the indices contain them.

    If the indices outnumber the table's rows, each row of the table is squared once and weighted by its
    count.
    """
    num_rows, together = len(node_B[0]), torch.cat(node_B)
    if len(table_VD) > len(together):
        return embedding(together, table_VD).square().sum() / (2 * num_rows)
    count_V = table_VD.new_zeros(len(table_VD))
    count_V.index_add_(0, together, count_V.new_ones(()).expand(len(together)))
    return table_VD.square().sum(dim=1).dot(count_V) / (2 * num_rows)
