"""How HGPO turns what its network says into negatives. Shapes: types.py; R some of the anchors, A actions."""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor

from lghrec_compute.policy.categorical import log_probabilities
from lghrec_compute.policy.knots import Places, places
from lghrec_compute.policy.network import Heads, candidate_logits
from lghrec_compute.policy.noise import Noise
from lghrec_compute.policy.select import (
    forbid,
    index_mask,
    rescaling,
    top_index,
    top_mask,
)
from lghrec_compute.policy.view import Cosines, View


class Sight(NamedTuple):
    """The pool as some anchors see it: cosines and, if a network reads them, where they lie between knots."""

    cosines: Cosines
    places: tuple[Places, ...]

    def first(self, count: int) -> Sight:
        """The same of the first anchors only."""
        row_R = slice(count)
        return Sight(self.cosines.rows(row_R), tuple(at.rows(row_R) for at in self.places))


class Rows(NamedTuple):
    """Some anchors before the pool: the logit of each candidate, and what is forbidden."""

    logit_RN: Tensor
    forbidden_RN: Tensor | None

    def without(self, near_RN: Tensor) -> Rows:
        """The same with more candidates forbidden."""
        forbidden_RN = self.forbidden_RN
        return Rows(self.logit_RN, near_RN if forbidden_RN is None else near_RN | forbidden_RN)


def look(
    view: View, row_R: Tensor | slice, *, of_positives: bool, by_policy: bool, out_RN: Tensor | None = None
) -> Sight:
    """One product over the pairs of these anchors, or two; their own cosines go to `out_RN` if given."""
    cosines = view.cosines(row_R, of_positives=of_positives, out_RN=out_RN)
    return Sight(cosines, tuple(places(part_RN) for part_RN in cosines.present()) if by_policy else ())


def rows_of(
    view: View, heads: Heads, row_R: Tensor | slice, sight: Sight | None, near: Tensor | None
) -> Rows:
    """What these anchors choose from; without a sight, or a policy in it, all candidates are alike.

    `near`: candidates are forbidden whose cosine with the positive is above it.
    """
    if sight is None or not sight.places:
        num_rows = len(view.node_B[row_R])
        logit_RN = view.unit_ND.new_zeros(()).expand(num_rows, view.num_candidates)
    else:
        logit_RN = candidate_logits(heads.rows(row_R), sight.places, view.unit_ND)
    rows = Rows(logit_RN, view.forbidden(row_R))
    if near is None:
        return rows
    assert sight is not None
    assert sight.cosines.positive_RN is not None
    return rows.without(sight.cosines.positive_RN > near)


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

    def take(self, row_R: Tensor | slice, rows: Rows, index_RM: Tensor) -> None:
        """Writes what was chosen for some anchors."""
        self._put(row_R, rows, None if self._soft else mask_of(rows, index_RM))

    def draw(self, row_R: Tensor | slice, rows: Rows, noise: Noise | None) -> None:
        """Chooses for some anchors; `noise` None: the likeliest."""
        self._put(row_R, rows, None if self._soft else draw_mask(rows, self._count, noise))

    def _put(self, row_R: Tensor | slice, rows: Rows, negative_RN: Tensor | None) -> None:
        if negative_RN is None:
            assert self.log_weight_BN is not None
            self.log_weight_BN[row_R] = soft_weights(rows, self._count)
            return
        assert self.negative_BN is not None
        self.negative_BN[row_R] = negative_RN
        if self.log_weight_BN is not None:
            self.log_weight_BN[row_R] = rescaling(negative_RN, rows.forbidden_RN)
