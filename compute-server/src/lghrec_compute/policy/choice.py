"""How HGPO turns what its network says into negatives. Shapes: types.py; R some of the anchors, A actions."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from lghrec_compute.policy.categorical import log_probabilities
from lghrec_compute.policy.noise import Noise
from lghrec_compute.policy.scene import Rows
from lghrec_compute.policy.select import forbid, index_mask, top_index, top_mask


def draw_actions(rows: Rows, count: int, noise: Noise | None, *, actions: int = 1) -> Tensor:
    """Places of `count` candidates for each anchor, drawn `actions` times, [R, A, M].

    `noise` None: the likeliest.
    """
    draws = [top_index(_scores(rows, noise), count) for _ in range(actions)]
    return torch.stack(draws, dim=1)


def draw_mask(rows: Rows, count: int, noise: Noise | None) -> Tensor:
    """One draw as a mask, [R, N]."""
    if noise is None:
        return mask_of(rows, draw_actions(rows, count, None)[:, 0])
    return top_mask(_scores(rows, noise), count)


def _scores(rows: Rows, noise: Noise | None) -> Tensor:
    if noise is None:
        return forbid(rows.logit_RN.clone(), rows.forbidden_RN)
    return forbid(noise.rows(len(rows.logit_RN)).add_(rows.logit_RN), rows.forbidden_RN)


def mask_of(rows: Rows, index_RM: Tensor) -> Tensor:
    """The mask [R, N] of chosen places, less the forbidden among them."""
    negative_RN = index_mask(index_RM, rows.logit_RN.shape[1])
    return negative_RN if rows.forbidden_RN is None else negative_RN & ~rows.forbidden_RN


def soft_weights(rows: Rows, count: int) -> Tensor:
    """log(M p_n) for each candidate, [R, N]: all together they count as much as M chosen ones."""
    return log_probabilities(rows.logit_RN, rows.forbidden_RN) + math.log(count)
