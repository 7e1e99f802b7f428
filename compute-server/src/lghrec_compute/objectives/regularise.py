"""Shrinkage of the rows a batch uses. Shapes: types.py."""

from __future__ import annotations

import torch
from torch import Tensor

from lghrec_compute.objectives.gather import embedding


def squared_norm(*rows_BD: Tensor) -> Tensor:
    """Returns (1 / 2B) of the summed squares of all rows, each [B, D]; a scalar, at least 0.

    Taken of ego rows, not of propagated ones, as LightGCN, SGL and LightCCF do. With semantic ids an item's
    ego row is the fused one, so its weights shrink too; the frozen semantic id does not.
    """
    return torch.stack([rows.square().sum() for rows in rows_BD]).sum() / (2 * len(rows_BD[0]))


def squared_norm_of(table_VD: Tensor, *node_B: Tensor) -> Tensor:
    """The same of the rows `node_B` of a table, [B] each, as often as they stand there.

    Where the batch has more rows than the table, each row of the table is squared once and counted.
    """
    num_rows, together = len(node_B[0]), torch.cat(node_B)
    if len(table_VD) > len(together):
        return embedding(together, table_VD).square().sum() / (2 * num_rows)
    count_V = table_VD.new_zeros(len(table_VD))
    count_V.index_add_(0, together, count_V.new_ones(()).expand(len(together)))
    return table_VD.square().sum(dim=1).dot(count_V) / (2 * num_rows)
