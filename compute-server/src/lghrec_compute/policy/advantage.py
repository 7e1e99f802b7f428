"""How much better an action was than those it is compared with. Shapes: types.py.

R anchors that are learned from; the rest of a shape counts the actions of one anchor. `weight` is 0 where
there was nothing to choose, else 1; advantages are 0 there.
"""

from __future__ import annotations

import torch
from torch import Tensor

from lghrec_compute.policy.groups import cell_sum

_SMALL = 1e-6


def group_advantage(reward: Tensor, weight: Tensor, cell_R: Tensor, num_cells: int) -> Tensor:
    """HGPO: the reward less the mean of its group in the batch (eq 7); a sample on its own has 0."""
    # sums of each anchor first: a sum over cells takes far longer a number
    total_R, weight_R = (reward * weight).flatten(1).sum(dim=1), weight.flatten(1).sum(dim=1)
    total_X = cell_sum(total_R, cell_R, num_cells)
    mean_X = total_X / cell_sum(weight_R, cell_R, num_cells).clamp(min=1)
    mean_R = mean_X.index_select(0, cell_R).view(-1, *[1] * (reward.ndim - 1))
    return (reward - mean_R) * weight


def action_advantage(reward: Tensor, weight: Tensor) -> Tensor:
    """GRPO: (reward - mean) / (std + 1e-6) over the actions of the same anchor; std of the population."""
    inner = tuple(range(1, reward.ndim))
    count = weight.sum(dim=inner, keepdim=True).clamp(min=1)
    mean = (reward * weight).sum(dim=inner, keepdim=True) / count
    off = (reward - mean) * weight
    return off / (torch.sqrt(off.square().sum(dim=inner, keepdim=True) / count) + _SMALL)
