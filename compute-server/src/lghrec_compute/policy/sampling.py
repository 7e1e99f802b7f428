"""Drawing M of N candidates without replacement, by Gumbel top-M.

Adding standard Gumbel noise to logits and taking the M largest draws M candidates without replacement: each
next one by its share in the softmax of those that are left.

Shapes: B anchors, R some of the anchors, N candidates, M selected negatives, A actions of one anchor.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from lghrec_compute.policy.base import Task
from lghrec_compute.tiles import row_tiles

_BANK = 1 << 18
_MIN_BANK_ROWS = 8
_TINY = 1e-30
_TILE_PAIRS = {"cpu": 1 << 20, "cuda": 1 << 27}
_EXCLUDED_SCORE = -1e30


class Noise:
    """Rows of N random numbers each: standard Gumbel, -log(-log u), or uniform in (0, 1).

    Up to 262,144 numbers in all, or eight rows if that is more, each number is drawn independently. Above
    that, a bank of so many numbers is drawn, and each row is a window of the bank at a random position.
    Within a row all numbers are independent, so an action drawn with it has its exact distribution; two rows
    can overlap, shifted. Drawing each number with its two logarithms would be a third of the time of a
    selection.
    """

    def __init__(
        self,
        num_rows: int,
        num_candidates: int,
        generator: torch.Generator,
        *,
        like: Tensor,
        gumbel: bool = True,
    ) -> None:
        self._generator, self._like = generator, like
        self._num_candidates, self._gumbel = num_candidates, gumbel
        size = max(_BANK, _MIN_BANK_ROWS * num_candidates)
        self._bank: Tensor | None = None
        if num_rows * num_candidates > size:
            self._bank = self._draw(size)

    def rows(self, num_rows: int) -> Tensor:
        """Return the next rows, [R, N]. The caller can change them."""
        if self._bank is None:
            return self._draw(num_rows, self._num_candidates)
        window_XN = self._bank.unfold(0, self._num_candidates, 1)
        start_R = torch.randint(
            len(window_XN), (num_rows,), generator=self._generator, device=self._bank.device
        )
        return window_XN.index_select(0, start_R)

    def _draw(self, *shape: int) -> Tensor:
        # the lower bound keeps 0 away from the logarithms; it is far below the resolution of the generator
        value = self._like.new_empty(shape).uniform_(_TINY, 1.0, generator=self._generator)
        return value.log_().neg_().log_().neg_() if self._gumbel else value


def num_negatives(requested: int | None, *, num_nodes: int, num_candidates: int) -> int:
    """Return M for a pool of N candidates, from 1 to N.

    None requests a tenth of all nodes, and at most half of the pool. The paper selects 10 % of the nodes.
    """
    if requested is None:
        requested = min(math.ceil(0.1 * num_nodes), num_candidates // 2)
    return max(1, min(requested, num_candidates))


def tiles(num_anchors: int, num_candidates: int, device: torch.device) -> list[slice]:
    """Split the anchors so that a tile's [R, N] matrix fits the cache of a CPU or the memory of a GPU."""
    return row_tiles(num_anchors, num_candidates, device, _TILE_PAIRS)


def draw_indices(
    logit_RN: Tensor, excluded_RN: Tensor | None, count: int, noise: Noise | None, *, actions: int = 1
) -> Tensor:
    """Draw `count` candidates for each anchor, `actions` times; return their indices, [R, A, M].

    `noise` None takes the most likely candidates.
    """
    draws = [top_index(_scores(logit_RN, excluded_RN, noise), count) for _ in range(actions)]
    return torch.stack(draws, dim=1)


def draw_mask(logit_RN: Tensor, excluded_RN: Tensor | None, count: int, noise: Noise | None) -> Tensor:
    """Draw `count` candidates for each anchor once; return them as a mask, [R, N]."""
    if noise is None:
        index_RM = draw_indices(logit_RN, excluded_RN, count, None)[:, 0]
        return index_mask(index_RM, logit_RN.shape[1], excluded_RN)
    return top_mask(_scores(logit_RN, excluded_RN, noise), count)


def draw_uniform_mask(task: Task, count: int, generator: torch.Generator) -> Tensor:
    """Draw `count` candidates that are not excluded for each anchor, uniformly; return a mask, [B, N].

    An anchor with fewer candidates gets all of them.
    """
    anchor_BD, excluded_BN = task.anchor_BD, task.excluded_BN
    num_anchors, num_candidates = len(anchor_BD), len(task.pool.candidate_ND)
    negative_BN = torch.empty(num_anchors, num_candidates, dtype=torch.bool, device=anchor_BD.device)
    noise = Noise(num_anchors, num_candidates, generator, like=anchor_BD, gumbel=False)
    for tile in tiles(num_anchors, num_candidates, anchor_BD.device):
        score_RN = noise.rows(tile.stop - tile.start)
        excluded_RN = None if excluded_BN is None else excluded_BN[tile]
        negative_BN[tile] = top_mask(exclude(score_RN, excluded_RN), count)
    return negative_BN


def top_mask(score_RN: Tensor, count: int) -> Tensor:
    """Return True at the `count` largest scores of each row, and never at an excluded candidate.

    Scores equal to the smallest selected one are selected as well. With continuous noise in the scores such
    ties are a matter of rounding; without noise use `top_index`.
    """
    least = _EXCLUDED_SCORE / 2
    if score_RN.device.type == "cpu":
        # numpy's partition takes a tenth of the time of torch's topk, its comparison half
        rank, score = score_RN.shape[1] - count, score_RN.numpy()
        bound = np.partition(score, rank, axis=1)[:, rank].clip(min=least)
        return torch.from_numpy(score >= bound[:, None])
    bound_R = score_RN.topk(count, dim=1, sorted=False).values.amin(dim=1).clamp(min=least)
    return score_RN >= bound_R[:, None]


def top_index(score_RN: Tensor, count: int) -> Tensor:
    """Return the indices of the `count` largest scores of each row, [R, M], in no order.

    Excluded candidates come last, but they are among the indices if a row has too few others.
    """
    if score_RN.device.type == "cpu":
        # a quarter of the time of torch's topk
        rank = score_RN.shape[1] - count
        index_RM = np.argpartition(score_RN.numpy(), rank, axis=1)[:, rank:]
        return torch.from_numpy(np.ascontiguousarray(index_RM))
    return score_RN.topk(count, dim=1, sorted=False).indices


def index_mask(index_RM: Tensor, num_candidates: int, excluded_RN: Tensor | None = None) -> Tensor:
    """Return the mask [R, N] of the indices, without the excluded candidates among them."""
    mask_RN = torch.zeros(len(index_RM), num_candidates, dtype=torch.bool, device=index_RM.device)
    mask_RN.scatter_(1, index_RM, True)
    return mask_RN if excluded_RN is None else mask_RN & ~excluded_RN


def exclude(score_RN: Tensor, excluded_RN: Tensor | None) -> Tensor:
    """Set, in place, the scores of the excluded candidates below all others."""
    return fill(score_RN, excluded_RN, _EXCLUDED_SCORE)


def fill(value_RN: Tensor, mask_RN: Tensor | None, value: float) -> Tensor:
    """Write `value`, in place, where the mask is True; fast for masks that are True in few positions."""
    if mask_RN is None:
        return value_RN
    if value_RN.device.type == "cpu":
        # an eighth of the time of torch's masked_fill_
        np.copyto(value_RN.numpy(), value, where=mask_RN.numpy())
        return value_RN
    return value_RN.masked_fill_(mask_RN, value)


def log_rescaling(negative_BN: Tensor, excluded_BN: Tensor | None) -> Tensor:
    """Return log(candidates that are not excluded / selected negatives) of each anchor, [B, 1].

    As the weight of each negative it lets the selected ones stand for all.
    """
    selected_B1 = negative_BN.sum(dim=1, keepdim=True)
    allowed_B1 = torch.full_like(selected_B1, negative_BN.shape[1])
    if excluded_BN is not None:
        allowed_B1 = allowed_B1 - excluded_BN.sum(dim=1, keepdim=True)
    return torch.log(allowed_B1.clamp(min=1) / selected_B1.clamp(min=1))


def _scores(logit_RN: Tensor, excluded_RN: Tensor | None, noise: Noise | None) -> Tensor:
    if noise is None:
        return exclude(logit_RN.clone(), excluded_RN)
    return exclude(noise.rows(len(logit_RN)).add_(logit_RN), excluded_RN)
