"""How HGPO turns what its network says into negatives. Shapes: types.py; R some of the anchors, A actions."""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor

from lghrec_compute.policy.categorical import log_probabilities
from lghrec_compute.policy.network import Heads, candidate_logits
from lghrec_compute.policy.select import (
    forbid,
    index_mask,
    rescaling,
    top_index,
    top_mask,
    with_gumbel,
)
from lghrec_compute.policy.view import View


class Rows(NamedTuple):
    """Some anchors before the pool: both cosines with each candidate, what is forbidden, and logits."""

    cosine_R2N: Tensor
    forbidden_RN: Tensor | None
    logit_RN: Tensor

    def without(self, near: Tensor | None) -> Rows:
        """The same with candidates forbidden whose cosine with the positive is above `near`."""
        if near is None:
            return self
        near_RN = self.cosine_R2N[:, 1] > near
        return self._replace(
            forbidden_RN=near_RN if self.forbidden_RN is None else near_RN | self.forbidden_RN
        )


def look(view: View, heads: Heads, row_R: Tensor, *, by_policy: bool) -> Rows:
    """One pass over the pairs of these anchors; without a policy all candidates are alike."""
    cosine_R2N = view.cosines(row_R)
    if by_policy:
        logit_RN = candidate_logits(heads.rows(row_R), cosine_R2N, view.unit_ND)
    else:
        logit_RN = cosine_R2N.new_zeros(()).expand(len(row_R), view.num_candidates)
    return Rows(cosine_R2N, view.forbidden(row_R), logit_RN)


def draw_actions(rows: Rows, count: int, generator: torch.Generator | None, *, actions: int = 1) -> Tensor:
    """Places of `count` candidates for each anchor, drawn `actions` times, [R, A, M].

    `generator` None: the likeliest, without noise.
    """
    draws = []
    for _ in range(actions):
        score_RN = rows.logit_RN.clone() if generator is None else with_gumbel(rows.logit_RN, generator)
        draws.append(top_index(forbid(score_RN, rows.forbidden_RN), count))
    return torch.stack(draws, dim=1)


def draw_mask(rows: Rows, count: int, generator: torch.Generator | None) -> Tensor:
    """One draw as a mask, [R, N]."""
    if generator is None:
        return mask_of(rows, draw_actions(rows, count, None)[:, 0])
    return top_mask(forbid(with_gumbel(rows.logit_RN, generator), rows.forbidden_RN), count)


def mask_of(rows: Rows, index_RM: Tensor) -> Tensor:
    """The mask [R, N] of chosen places, less the forbidden among them."""
    negative_RN = index_mask(index_RM, rows.logit_RN.shape[1])
    return negative_RN if rows.forbidden_RN is None else negative_RN & ~rows.forbidden_RN


def soft_weights(rows: Rows, count: int) -> Tensor:
    """log(M p_n) for each candidate, [R, N]: all together they count as much as M chosen ones."""
    return log_probabilities(rows.logit_RN, rows.forbidden_RN) + math.log(count)


class Answer:
    """Negatives and log weights of all anchors, filled in some anchors at a time.

    Only one matrix of all pairs is ever whole: a mask, or, soft, the log weights.
    """

    def __init__(self, view: View, count: int, *, soft: bool, rescale: bool) -> None:
        self._count, self._soft = count, soft
        num_anchors, like = view.num_anchors, view.unit_ND
        shape = (num_anchors, view.num_candidates)
        self.negative_BN = None if soft else torch.empty(shape, dtype=torch.bool, device=like.device)
        self.log_weight_BN: Tensor | None = None
        if soft or rescale:
            self.log_weight_BN = like.new_empty(shape if soft else (num_anchors, 1))

    def take(self, row_R: Tensor, rows: Rows, index_RM: Tensor) -> None:
        """Writes what was chosen for some anchors."""
        self._put(row_R, rows, None if self._soft else mask_of(rows, index_RM))

    def draw(self, row_R: Tensor, rows: Rows, generator: torch.Generator | None) -> None:
        """Chooses for some anchors; `generator` None: the likeliest."""
        self._put(row_R, rows, None if self._soft else draw_mask(rows, self._count, generator))

    def _put(self, row_R: Tensor, rows: Rows, negative_RN: Tensor | None) -> None:
        if negative_RN is None:
            assert self.log_weight_BN is not None
            self.log_weight_BN[row_R] = soft_weights(rows, self._count)
            return
        assert self.negative_BN is not None
        self.negative_BN[row_R] = negative_RN
        if self.log_weight_BN is not None:
            self.log_weight_BN[row_R] = rescaling(negative_RN, rows.forbidden_RN)
