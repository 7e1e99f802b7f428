"""Where the zones of hard, easy and false negatives begin. Shapes: types.py; T tasks of a step."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from lghrec_compute.policy.options import Options
from lghrec_compute.policy.reward import Levels
from lghrec_compute.policy.view import Cosines

_PAIRS = 20_000
_DECAY = 0.9
_PLACES = ((0, 1, 2), (3, 4))
"""Of `Levels`: those of the cosine with the anchor, and with its positive."""


class Thresholds:
    """Levels of each task, absolute cosines or quantiles of the pool's cosines.

    `absolute` (the paper): levels are the options themselves. `quantile`, a departure: they are quantiles of
    what the pool holds, of cosines with anchors, and with positives for `false_positive`, estimated at every
    step on a sample of pairs and averaged with decay .9; every zone then has its share at each stage of
    training and for each backbone. The share 1 is above every cosine and 0 below: a zone that is empty, or
    that has no end. `leaves_out`: whether candidates near a positive are left out of the pool,
    by a quantile in either case.
    """

    def __init__(self, options: Options, device: torch.device) -> None:
        absolute, near = options.thresholds == "absolute", options.max_positive_similarity_quantile
        zones = [
            options.easy_threshold,
            options.hard_threshold,
            options.false_negative_threshold,
            options.positive_similarity_threshold,
        ]
        given = [*zones, 1.0 if near is None else near]
        quantile_5 = torch.tensor(given, device=device).clamp(0.0, 1.0)
        known = [(level if absolute else _end(level)) for level in zones] + [_end(given[4])]
        self._known_5 = torch.tensor([math.nan if level is None else level for level in known], device=device)
        # a row of cosines is sorted for its levels: none is where all of them are known
        estimated = [[place for place in places if known[place] is None] for places in _PLACES]
        asked = [(row, torch.tensor(places, device=device)) for row, places in enumerate(estimated) if places]
        self._asked = [(row, place_X, quantile_5[place_X]) for row, place_X in asked]
        self.leaves_out = near is not None
        # not a number until a task has been seen
        self.level_T5 = torch.full((0, 5), math.nan, device=device)

    def update(
        self, task: int, cosines: Cosines, forbidden_RN: Tensor | None, generator: torch.Generator
    ) -> Levels:
        """Takes in the cosines of a sample of anchors and returns the task's levels as of now.

        Those with positives may be left out where no level needs an estimate from them.
        """
        if not self._asked:
            return Levels(*self._known_5.unbind())
        if task >= len(self.level_T5):
            unseen_T5 = self.level_T5.new_full((task + 1 - len(self.level_T5), 5), math.nan)
            self.level_T5 = torch.cat([self.level_T5, unseen_T5])
        new_5 = self._quantiles(_sampled(cosines.present(), forbidden_RN, generator))
        old_5 = self.level_T5[task]
        level_5 = torch.where(old_5.isnan(), new_5, _DECAY * old_5 + (1 - _DECAY) * new_5)
        # a step in which nothing was allowed leaves them as they are
        level_5 = torch.where(new_5.isnan(), old_5, level_5)
        self.level_T5[task] = level_5
        return Levels(*torch.where(self._known_5.isnan(), level_5, self._known_5).unbind())

    def _quantiles(self, cosine_CP: Sequence[Tensor]) -> Tensor:
        """The five levels, estimated where they are not known."""
        level_5 = self._known_5.clone()
        for row, place_X, quantile_X in self._asked:
            level_5.index_copy_(0, place_X, torch.nanquantile(cosine_CP[row].float(), quantile_X))
        return level_5


def _end(share: float) -> float | None:
    """The level that needs no estimate; None where one is needed."""
    if share >= 1:
        return math.inf
    return -math.inf if share <= 0 else None


def _sampled(
    cosines: Sequence[Tensor], forbidden_RN: Tensor | None, generator: torch.Generator
) -> list[Tensor]:
    """The cosines of some 20,000 pairs of the matrix, [P] each; not a number at forbidden ones."""
    num_rows, num_candidates = cosines[0].shape
    total, device = num_rows * num_candidates, cosines[0].device
    if total <= _PAIRS:
        pair_P = torch.arange(total, device=device)
    else:
        pair_P = torch.randint(total, (_PAIRS,), generator=generator, device=device)
    row_P = torch.div(pair_P, num_candidates, rounding_mode="floor")
    place_P = pair_P - row_P * num_candidates
    sampled = [cosine_RN[row_P, place_P] for cosine_RN in cosines]
    if forbidden_RN is None:
        return sampled
    forbidden_P = forbidden_RN[row_P, place_P]
    return [cosine_P.masked_fill(forbidden_P, math.nan) for cosine_P in sampled]
