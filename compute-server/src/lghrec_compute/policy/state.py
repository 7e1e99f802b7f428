"""State, action and transition of the policy (LGHRec, section 2.2).

The state of an anchor is its unit embedding, that of its positive, and its degree. All anchors of a task
share the candidate pool. An action selects M negatives of the pool and a temperature.

Shapes: B anchors, R some of the anchors, N candidates, M selected negatives, A actions of one anchor,
D embedding size, S features of a state, V nodes; 2 stands for the pair (anchor, positive).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import normalize

from lghrec_compute.degree_groups import degree_groups
from lghrec_compute.policy.base import PolicyInput, Task
from lghrec_compute.policy.piecewise_linear import KnotIndex, knot_index
from lghrec_compute.policy.reward import Thresholds
from lghrec_compute.spec.policy import HgpoPolicy


def node_groups(known: PolicyInput, num_groups: int) -> Tensor:
    """Return the degree group of each node, [V] (LGHRec, section 2.4).

    Users have the groups 0 to `num_groups` - 1 by ascending degree, items those from `num_groups` on. The
    paper has one set of groups for users and items. Nodes without interactions belong to the lowest group.
    """
    degree_V = known.degree_V.cpu().numpy()
    user_V, item_V = np.split(degree_V, [known.num_users])
    user_group_V = np.maximum(degree_groups(user_V, num_groups), 0)
    item_group_V = np.maximum(degree_groups(item_V, num_groups), 0) + num_groups
    return torch.from_numpy(np.concatenate([user_group_V, item_group_V])).to(known.device)


@dataclass(frozen=True)
class State:
    """States of the anchors of one task, and the candidate pool that they share.

    `unit_B2D` holds the unit vectors of each anchor and of its positive, `unit_ND` those of the candidates.
    `group_B` is the degree group of each anchor. `excluded_BN` is True where a candidate is never a negative;
    None excludes no candidate.
    """

    unit_B2D: Tensor
    degree_B: Tensor
    group_B: Tensor
    unit_ND: Tensor
    excluded_BN: Tensor | None
    backbone_temperature: float

    @staticmethod
    def of(task: Task, degree_V: Tensor, group_V: Tensor) -> State:
        """Return the states of all anchors of a task. Nothing of size [B, N] is computed."""
        pair_B2D = torch.stack([task.anchor_BD, task.positive_BD()], dim=1)
        return State(
            _unit(pair_B2D),
            degree_V.index_select(0, task.anchor_node_B),
            group_V[task.anchor_node_B],
            _unit(task.pool.candidate_ND),
            task.excluded_BN,
            task.temperature,
        )

    @property
    def num_anchors(self) -> int:
        """B."""
        return len(self.unit_B2D)

    @property
    def num_candidates(self) -> int:
        """N."""
        return len(self.unit_ND)

    def rows(self, row_R: Tensor | slice) -> State:
        """Return the states of some of the anchors."""
        excluded_BN = self.excluded_BN
        return replace(
            self,
            unit_B2D=self.unit_B2D[row_R],
            degree_B=self.degree_B[row_R],
            group_B=self.group_B[row_R],
            excluded_BN=None if excluded_BN is None else excluded_BN[row_R],
        )

    def excluding(self, more_BN: Tensor) -> State:
        """Return the same states with more candidates excluded."""
        excluded_BN = self.excluded_BN
        return replace(self, excluded_BN=more_BN if excluded_BN is None else more_BN | excluded_BN)

    def features(self) -> Tensor:
        """Return [B, S], S = 2 D + 2: unit anchor, unit positive, ln(1 + degree), and their cosine."""
        unit_B2D = self.unit_B2D
        cosine_B = (unit_B2D[:, 0] * unit_B2D[:, 1]).sum(dim=1)
        parts = [unit_B2D.flatten(1), torch.log1p(self.degree_B)[:, None], cosine_B[:, None]]
        return torch.cat([part.to(unit_B2D.dtype) for part in parts], dim=1)


class CandidateFeatures(NamedTuple):
    """Features of each pair of an anchor and a candidate, for the policy network and the rewards.

    `positive_cosine_RN` is the cosine of the candidate with the anchor's positive; None means that no rule
    reads it. `knots` locates the cosines between the knots of the network's functions, one for each kind of
    cosine; () means that the policy does not select the negatives.
    """

    cosine_RN: Tensor
    positive_cosine_RN: Tensor | None
    knots: tuple[KnotIndex, ...] = ()

    def first(self, count: int) -> CandidateFeatures:
        """Return the features of the first `count` anchors, without the knots."""
        positive_cosine_RN = self.positive_cosine_RN
        return CandidateFeatures(
            self.cosine_RN[:count], None if positive_cosine_RN is None else positive_cosine_RN[:count]
        )


def candidate_features(state: State, spec: HgpoPolicy, *, out_BN: Tensor | None = None) -> CandidateFeatures:
    """Compare all anchors of `state` with all candidates: one matrix product, or two with the positives.

    `out_BN`, if given, receives the cosines of the anchors.
    """
    cosine_BN = torch.mm(state.unit_B2D[:, 0], state.unit_ND.T, out=out_BN)
    positive_BN = state.unit_B2D[:, 1] @ state.unit_ND.T if spec.reads_positive_cosines else None
    if not spec.learn_negatives:
        return CandidateFeatures(cosine_BN, positive_BN)
    knots = [knot_index(part_BN) for part_BN in (cosine_BN, positive_BN) if part_BN is not None]
    return CandidateFeatures(cosine_BN, positive_BN, tuple(knots))


class Action(NamedTuple):
    """Indices of the selected candidates, and temperatures as drawn, before the clamp to their bounds."""

    index_RAM: Tensor
    temperature_RA: Tensor


@dataclass(frozen=True)
class Transition:
    """States and actions of one task, and the values from which their rewards are computed.

    It holds the anchors that the policy learns from, so its memory is bounded by the spec's `policy_anchors`.
    """

    state: State
    features: CandidateFeatures
    action: Action
    thresholds: Thresholds
    target_temperature_R: Tensor


def gather_selected(value_RN: Tensor, index_RAM: Tensor) -> Tensor:
    """Return the values of the selected candidates, [R, A, M]."""
    return torch.gather(value_RN, 1, index_RAM.flatten(1)).view_as(index_RAM)


def _unit(vector: Tensor) -> Tensor:
    """Return unit vectors, with 0 for values that are not finite.

    The trainer reports a broken encoder. An interpolation at NaN would crash before that.
    """
    return normalize(vector, dim=-1).nan_to_num_(nan=0.0)
