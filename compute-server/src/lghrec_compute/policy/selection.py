"""From the policy's distributions to the selection of a whole task.

Shapes: B anchors, R some of the anchors, N candidates, M selected negatives.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from lghrec_compute.policy.base import Selection
from lghrec_compute.policy.distributions import log_softmax
from lghrec_compute.policy.network import HeadOutputs, candidate_logits
from lghrec_compute.policy.sampling import Noise, draw_mask, index_mask, log_rescaling, tiles
from lghrec_compute.policy.state import CandidateFeatures, State, Transition, candidate_features
from lghrec_compute.spec.policy import HgpoPolicy


def pool_logits(state: State, heads: HeadOutputs, features: CandidateFeatures | None) -> Tensor:
    """Return the logits of all candidates, [R, N]; all are 0 where the policy does not select negatives."""
    if features is None or not features.knots:
        return state.unit_ND.new_zeros(()).expand(state.num_anchors, state.num_candidates)
    return candidate_logits(heads, features, state.unit_ND)


def exclude_similar(state: State, features: CandidateFeatures | None, max_positive: Tensor | None) -> State:
    """Exclude the candidates whose cosine with the positive is above `max_positive`; None excludes none."""
    if max_positive is None:
        return state
    assert features is not None
    assert features.positive_cosine_RN is not None
    return state.excluding(features.positive_cosine_RN > max_positive)


class SelectionBuilder:
    """Collects the selection of a task: `count` negatives, or soft weights, for each anchor.

    Besides the cosines, only one matrix of all pairs is held as a whole: a mask, or log weights if soft.
    """

    def __init__(self, state: State, heads: HeadOutputs, count: int, spec: HgpoPolicy) -> None:
        self._state, self._heads, self._count, self._spec = state, heads, count, spec
        self._soft = spec.weighting == "soft"
        shape, like = (state.num_anchors, state.num_candidates), state.unit_ND
        self._negative_BN = None if self._soft else torch.empty(shape, dtype=torch.bool, device=like.device)
        self._log_weight_BN: Tensor | None = None
        if self._soft or spec.rescale_negatives:
            self._log_weight_BN = like.new_empty(shape if self._soft else (state.num_anchors, 1))
        self._cosine_BN: Tensor | None = None

    def draw_all(self, max_positive: Tensor | None, noise: Noise | None, *, keep_cosines: bool) -> None:
        """Draw the negatives of all anchors, one tile of anchors after the other.

        `noise` None takes the most likely candidates. `keep_cosines` stores the cosines that were computed.
        """
        state, spec = self._state, self._spec
        needs_cosines = spec.learn_negatives or max_positive is not None
        if keep_cosines and needs_cosines:
            self._cosine_BN = state.unit_ND.new_empty(state.num_anchors, state.num_candidates)
        for tile in tiles(state.num_anchors, state.num_candidates, state.unit_ND.device):
            part, features = state.rows(tile), None
            if needs_cosines:
                out_RN = None if self._cosine_BN is None else self._cosine_BN[tile]
                features = candidate_features(part, spec, out_BN=out_RN)
            part = exclude_similar(part, features, max_positive)
            logit_RN = pool_logits(part, self._heads.rows(tile), features)
            if self._soft:
                self._put_soft(tile, logit_RN, part.excluded_BN)
            else:
                negative_RN = draw_mask(logit_RN, part.excluded_BN, self._count, noise)
                self._put(tile, negative_RN, part.excluded_BN)

    def write(self, row_R: Tensor, state: State, logit_RN: Tensor, index_RM: Tensor) -> None:
        """Write the negatives `index_RM` of the anchors `row_R`, which have already been drawn."""
        if self._soft:
            self._put_soft(row_R, logit_RN, state.excluded_BN)
        else:
            negative_RN = index_mask(index_RM, state.num_candidates, state.excluded_BN)
            self._put(row_R, negative_RN, state.excluded_BN)

    def selection(self, temperature_B: Tensor | None, transition: Transition) -> Selection:
        """Return the whole selection."""
        return Selection(self._negative_BN, temperature_B, self._log_weight_BN, transition, self._cosine_BN)

    def _put(self, row_R: Tensor | slice, negative_RN: Tensor, excluded_RN: Tensor | None) -> None:
        assert self._negative_BN is not None
        self._negative_BN[row_R] = negative_RN
        if self._log_weight_BN is not None:
            self._log_weight_BN[row_R] = log_rescaling(negative_RN, excluded_RN)

    def _put_soft(self, row_R: Tensor | slice, logit_RN: Tensor, excluded_RN: Tensor | None) -> None:
        """Write log(M p_n): all candidates together have the weight of M selected ones."""
        assert self._log_weight_BN is not None
        self._log_weight_BN[row_R] = log_softmax(logit_RN, excluded_RN) + math.log(self._count)
