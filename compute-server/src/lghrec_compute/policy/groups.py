"""Groups of nodes by train degree, as advantages, harmony and diagnostics see them. Shapes: types.py."""

from __future__ import annotations

import math

import torch
from torch import Tensor


def degree_group(degree_V: Tensor, *, num_users: int, num_groups: int) -> Tensor:
    """Group of each node [V]: users 0 to `num_groups` - 1 by ascending degree, items from `num_groups` on.

    Cut at quantiles of the degrees of those that have one, as degree_groups.py cuts them for evaluation;
    nodes without interactions join the lowest. Equal degrees share a group, so a group can be empty.
    """
    user_V = _cut(degree_V[:num_users], num_groups)
    item_V = _cut(degree_V[num_users:], num_groups) + num_groups
    return torch.cat([user_V, item_V])


def _cut(degree_V: Tensor, num_groups: int) -> Tensor:
    some = degree_V[degree_V > 0].sort().values
    if not len(some) or num_groups == 1:
        return torch.zeros(len(degree_V), dtype=torch.long, device=degree_V.device)
    places = [math.ceil(len(some) * share / num_groups) - 1 for share in range(1, num_groups)]
    return torch.bucketize(degree_V, some[places])


def cell_mean(value_R: Tensor, cell_R: Tensor, num_cells: int, weight_R: Tensor) -> tuple[Tensor, Tensor]:
    """Weighted mean of the values in each cell, [X], and the cell's weight; 0 for an empty cell.

    A cell is a group within one task.
    """
    total_X = cell_sum(value_R * weight_R, cell_R, num_cells)
    weight_X = cell_sum(weight_R, cell_R, num_cells)
    return total_X / weight_X.clamp(min=torch.finfo(value_R.dtype).tiny), weight_X


def cell_sum(value_R: Tensor, cell_R: Tensor, num_cells: int) -> Tensor:
    """Sum of the values in each cell, [X]."""
    return value_R.new_zeros(num_cells).index_add(0, cell_R, value_R)
