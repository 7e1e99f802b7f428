"""Choosing M of N candidates. Shapes: types.py; A actions drawn for one anchor.

Adding Gumbel noise to logits and taking the M largest draws M candidates without replacement, each next one
by its share in the softmax of those left.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

_TILE_PAIRS = {False: 1 << 20, True: 1 << 27}
"""By whether it is a GPU."""
_OUT_OF_REACH = 1e30


def num_negatives(asked: int | None, *, num_nodes: int, num_candidates: int) -> int:
    """M for a pool: what was asked, or a tenth of all nodes and at most half the pool; from 1 to N."""
    if asked is None:
        asked = min(math.ceil(0.1 * num_nodes), num_candidates // 2)
    return max(1, min(asked, num_candidates))


def tiles(num_anchors: int, num_candidates: int, device: torch.device) -> list[slice]:
    """Anchors at a time, so that their matrix against all candidates stays in a cache or a GPU's memory."""
    size = max(1, _TILE_PAIRS[device.type == "cuda"] // max(1, num_candidates))
    return [slice(first, min(first + size, num_anchors)) for first in range(0, num_anchors, size)]


def top_mask(score_BN: Tensor, count: int) -> Tensor:
    """True at the `count` largest of each row, [B, N]; never where forbidden, so that a row may have fewer.

    Scores equal to the smallest chosen one are all chosen: a matter of rounding for scores with noise in
    them, wrong for others.
    """
    least = -_OUT_OF_REACH / 2
    if score_BN.device.type == "cpu":
        # numpy's partition takes a tenth of the time of torch's topk, its comparison half
        rank, score = score_BN.shape[1] - count, score_BN.numpy()
        bound = np.partition(score, rank, axis=1)[:, rank].clip(min=least)
        return torch.from_numpy(score >= bound[:, None])
    bound_B = score_BN.topk(count, dim=1, sorted=False).values.amin(dim=1).clamp(min=least)
    return score_BN >= bound_B[:, None]


def top_index(score_BN: Tensor, count: int) -> Tensor:
    """Places of the `count` largest of each row, [B, M], in no order; the forbidden come last, but do."""
    if score_BN.device.type == "cpu":
        # a quarter of the time of torch's topk
        rank = score_BN.shape[1] - count
        index_BM = np.argpartition(score_BN.numpy(), rank, axis=1)[:, rank:]
        return torch.from_numpy(np.ascontiguousarray(index_BM))
    return score_BN.topk(count, dim=1, sorted=False).indices


def index_mask(index_BM: Tensor, num_candidates: int) -> Tensor:
    """The mask [B, N] of chosen places."""
    mask_BN = torch.zeros(len(index_BM), num_candidates, dtype=torch.bool, device=index_BM.device)
    return mask_BN.scatter_(1, index_BM, True)


def forbid(score_BN: Tensor, excluded_BN: Tensor | None) -> Tensor:
    """Takes, in place, what cannot be chosen out of reach of any score."""
    return fill(score_BN, excluded_BN, -_OUT_OF_REACH)


def fill(value_BN: Tensor, mask_BN: Tensor | None, value: float) -> Tensor:
    """Writes `value` where the mask is true; few places, as a rule."""
    if mask_BN is None:
        return value_BN
    if value_BN.device.type == "cpu":
        # an eighth of the time of torch's filling by mask
        np.copyto(value_BN.numpy(), value, where=mask_BN.numpy())
        return value_BN
    return value_BN.masked_fill_(mask_BN, value)


def rescaling(negative_BN: Tensor, excluded_BN: Tensor | None) -> Tensor:
    """log(|K| / M) of each anchor, [B, 1]: lets the chosen stand for all the allowed."""
    chosen_B1 = negative_BN.sum(dim=1, keepdim=True)
    allowed_B1 = torch.full_like(chosen_B1, negative_BN.shape[1])
    if excluded_BN is not None:
        allowed_B1 = allowed_B1 - excluded_BN.sum(dim=1, keepdim=True)
    return torch.log(allowed_B1.clamp(min=1) / chosen_B1.clamp(min=1))
