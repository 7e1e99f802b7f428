"""Estimation of the thresholds between easy, hard and false negatives (LGHRec, eqs 1-3).

Shapes: R anchors, N candidates, P sampled pairs, T tasks of a step, X thresholds of one kind of cosine.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from lghrec_compute.policy.reward import Thresholds
from lghrec_compute.policy.state import CandidateFeatures
from lghrec_compute.spec.policy import HgpoPolicy

_PAIRS = 20_000
_DECAY = 0.9
_INDICES = ((0, 1, 2), (3, 4))
"""Indices in `Thresholds` that apply to the cosine with the anchor, and to the cosine with the positive."""


class ThresholdEstimator:
    """The thresholds of each task of a step: given cosines, or quantiles of the pool's cosines.

    `absolute` (the paper): the thresholds are the cosines of the spec. `quantile` is a departure: the fields
    of the spec are shares of the pool, and the thresholds are the quantiles of its cosines, so that each kind
    of candidate has the same share at each stage of training and for each backbone. They are estimated at
    every step on a sample of 20,000 pairs and averaged with the decay 0.9. The share 1 is above every cosine
    and the share 0 below: the kind is empty, or has no limit. `excludes_similar` says whether candidates that
    are similar to a positive are excluded from the pool; that threshold is a quantile in both modes.
    """

    def __init__(self, spec: HgpoPolicy, device: torch.device) -> None:
        absolute, max_quantile = spec.thresholds == "absolute", spec.max_positive_similarity_quantile
        kinds = [
            spec.easy_threshold,
            spec.hard_threshold,
            spec.false_negative_threshold,
            spec.positive_similarity_threshold,
        ]
        given = [*kinds, 1.0 if max_quantile is None else max_quantile]
        quantile_5 = torch.tensor(given, device=device).clamp(0.0, 1.0)
        known = [(value if absolute else _end(value)) for value in kinds] + [_end(given[4])]
        self._known_5 = torch.tensor([math.nan if value is None else value for value in known], device=device)
        # the cosines of a kind are sorted only if one of their thresholds is not known
        unknown = [[index for index in indices if known[index] is None] for indices in _INDICES]
        wanted = [
            (kind, torch.tensor(indices, device=device)) for kind, indices in enumerate(unknown) if indices
        ]
        self._estimated = [(kind, index_X, quantile_5[index_X]) for kind, index_X in wanted]
        self.excludes_similar = max_quantile is not None
        # NaN until a task has been seen
        self.value_T5 = torch.full((0, 5), math.nan, device=device)

    def update(
        self,
        task: int,
        features: CandidateFeatures,
        excluded_RN: Tensor | None,
        generator: torch.Generator,
    ) -> Thresholds:
        """Add the cosines of a sample of anchors to the estimate and return the task's current thresholds."""
        if not self._estimated:
            return Thresholds(*self._known_5.unbind())
        if task >= len(self.value_T5):
            unseen_T5 = self.value_T5.new_full((task + 1 - len(self.value_T5), 5), math.nan)
            self.value_T5 = torch.cat([self.value_T5, unseen_T5])
        cosines = [features.cosine_RN]
        if features.positive_cosine_RN is not None:
            cosines.append(features.positive_cosine_RN)
        new_5 = self._quantiles(_sample(cosines, excluded_RN, generator))
        old_5 = self.value_T5[task]
        value_5 = torch.where(old_5.isnan(), new_5, _DECAY * old_5 + (1 - _DECAY) * new_5)
        # a step in which all candidates are excluded leaves the estimate unchanged
        value_5 = torch.where(new_5.isnan(), old_5, value_5)
        self.value_T5[task] = value_5
        return Thresholds(*torch.where(self._known_5.isnan(), value_5, self._known_5).unbind())

    def _quantiles(self, cosine_CP: Sequence[Tensor]) -> Tensor:
        """Return the five thresholds, estimated where they are not known."""
        value_5 = self._known_5.clone()
        for kind, index_X, quantile_X in self._estimated:
            value_5.index_copy_(0, index_X, torch.nanquantile(cosine_CP[kind].float(), quantile_X))
        return value_5


def _end(share: float) -> float | None:
    """Return the threshold of a share that needs no estimate; None means that it needs one."""
    if share >= 1:
        return math.inf
    return -math.inf if share <= 0 else None


def _sample(
    cosines: Sequence[Tensor], excluded_RN: Tensor | None, generator: torch.Generator
) -> list[Tensor]:
    """Return the cosines of about 20,000 random pairs, [P] each; NaN for pairs that are excluded."""
    num_rows, num_candidates = cosines[0].shape
    total, device = num_rows * num_candidates, cosines[0].device
    if total <= _PAIRS:
        pair_P = torch.arange(total, device=device)
    else:
        pair_P = torch.randint(total, (_PAIRS,), generator=generator, device=device)
    row_P = torch.div(pair_P, num_candidates, rounding_mode="floor")
    column_P = pair_P - row_P * num_candidates
    sampled = [cosine_RN[row_P, column_P] for cosine_RN in cosines]
    if excluded_RN is None:
        return sampled
    excluded_P = excluded_RN[row_P, column_P]
    return [cosine_P.masked_fill(excluded_P, math.nan) for cosine_P in sampled]
