"""Shrinkage of the rows a batch uses. Shapes: types.py."""

from __future__ import annotations

import torch
from torch import Tensor


def squared_norm(*rows_BD: Tensor) -> Tensor:
    """Returns (1 / 2B) of the summed squares of all rows, each [B, D]; a scalar, at least 0.

    Taken of ego rows, not of propagated ones, as LightGCN, SGL and LightCCF do. With semantic ids an item's
    ego row is the fused one, so its weights shrink too; the frozen semantic id does not.
    """
    return torch.stack([rows.square().sum() for rows in rows_BD]).sum() / (2 * len(rows_BD[0]))
