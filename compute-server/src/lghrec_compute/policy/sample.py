"""What the policy remembers of its action on one task: a sample of the anchors. Shapes: types.py.

R anchors that are learned from | A actions of each | S features of a state
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from lghrec_compute.policy.reward import Levels
from lghrec_compute.policy.scene import Sight


class Situation(NamedTuple):
    """States, and the pool as they see it."""

    features_RS: Tensor
    sight: Sight
    forbidden_RN: Tensor | None
    unit_ND: Tensor | None
    native: float

    @property
    def num_candidates(self) -> int:
        """N."""
        return self.sight.cosines.anchor_RN.shape[1]

    def first(self, count: int) -> Situation:
        """The same of the first anchors only, which are as much by chance as all."""
        forbidden_RN = self.forbidden_RN
        return self._replace(
            features_RS=self.features_RS[:count],
            sight=self.sight.first(count),
            forbidden_RN=None if forbidden_RN is None else forbidden_RN[:count],
        )


class Action(NamedTuple):
    """Chosen places and temperatures as drawn, before they were held to the bounds."""

    index_RAM: Tensor
    raw_RA: Tensor


class Standards(NamedTuple):
    """What the actions are judged by: levels of cosines, target temperatures, and each anchor's group."""

    levels: Levels
    target_R: Tensor
    group_R: Tensor


@dataclass(frozen=True)
class Sample:
    """One task's; memory is bounded by the number of anchors learned from."""

    situation: Situation
    action: Action
    standards: Standards


def at_chosen(value_RN: Tensor, index_RAM: Tensor) -> Tensor:
    """Values at the chosen places, [R, A, M]."""
    return torch.gather(value_RN, 1, index_RAM.flatten(1)).view_as(index_RAM)
