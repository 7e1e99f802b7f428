"""Rewards of the actions of a transition, and their relative advantages (LGHRec, eq 7 and section 2.4).

Shapes: R anchors, N candidates, M selected negatives, A actions of one anchor, G groups.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import torch
from torch import Tensor

from lghrec_compute.policy.reward import (
    RewardParts,
    negative_reward,
    temperature_reward,
    total_negative_reward,
)
from lghrec_compute.policy.state import Transition, gather_selected
from lghrec_compute.spec.policy import HgpoPolicy

_SMALL = 1e-6


class Rewards(NamedTuple):
    """Rewards of the actions of a transition. They do not depend on the weights of the policy.

    `pool_RN` is the reward of selecting each candidate, and `parts` (each [R, A, M]) is that of the selected
    ones. `weight_RAM` is 0 for a selected candidate that is excluded, which happens where fewer than M are
    left, else 1. `has_candidates_R` is 0 for an anchor whose candidates are all excluded, else 1.
    `temperature_RA` None means that the policy does not set temperatures.
    """

    pool_RN: Tensor
    parts: RewardParts
    weight_RAM: Tensor
    has_candidates_R: Tensor
    temperature_RA: Tensor | None

    def total_RA(self) -> Tensor:
        """Return one reward per action: the mean of its negatives' plus, if there is one, the temperature's.

        The paper does not say how R_t and R_tau form the r_t of eq 7.
        """
        mean_RA = masked_mean(self.parts.total(), self.weight_RAM)
        return mean_RA if self.temperature_RA is None else mean_RA + self.temperature_RA


class Advantages(NamedTuple):
    """Advantages of the actions of a transition; None for a part that the policy does not act on.

    With factored credit each negative and the temperature have their own advantage. With joint credit the
    whole action has one, `joint_RA`, and the others are None. `weight_RAM` is that of the rewards.
    """

    weight_RAM: Tensor
    negatives_RAM: Tensor | None = None
    temperature_RA: Tensor | None = None
    joint_RA: Tensor | None = None


Estimator = Callable[[Tensor, Tensor, Tensor], Tensor]
"""Computes advantages from rewards, their weights and the group of each anchor."""


def compute_rewards(transition: Transition, spec: HgpoPolicy) -> Rewards:
    """Compute the rewards of all actions of a transition (LGHRec, eqs 1-5).

    The reward of a temperature is that of the temperature in use, clamped to the bounds of the spec.
    """
    state, action, thresholds = transition.state, transition.action, transition.thresholds
    cosine_RN, positive_RN, _ = transition.features
    index_RAM = action.index_RAM
    weight_RAM = torch.ones_like(index_RAM, dtype=cosine_RN.dtype)
    has_candidates_R = torch.ones_like(transition.target_temperature_R)
    if state.excluded_BN is not None:
        has_candidates_R = (~state.excluded_BN.all(dim=1)).to(has_candidates_R.dtype)
        weight_RAM = (~gather_selected(state.excluded_BN, index_RAM)).to(cosine_RN.dtype)
    positive_RAM = None if positive_RN is None else gather_selected(positive_RN, index_RAM)
    parts = negative_reward(gather_selected(cosine_RN, index_RAM), positive_RAM, thresholds, spec)
    pool_RN = total_negative_reward(cosine_RN, positive_RN, thresholds, spec)
    temperature_RA = None
    if spec.learn_temperature:
        used_RA = action.temperature_RA.clamp(spec.temperature_min, spec.temperature_max)
        target_R1 = transition.target_temperature_R[:, None]
        temperature_RA = temperature_reward(used_RA, target_R1, spec.temperature_weight)
    return Rewards(pool_RN, parts, weight_RAM, has_candidates_R, temperature_RA)


def compute_advantages(rewards: Rewards, group_R: Tensor, spec: HgpoPolicy) -> Advantages:
    """Compute the advantages of all actions of a transition, by the spec's `advantage` and `credit`."""
    estimate = advantage_estimator(spec)
    one_RA = torch.ones_like(rewards.weight_RAM[..., 0])
    if spec.credit == "joint":
        return Advantages(rewards.weight_RAM, joint_RA=estimate(rewards.total_RA(), one_RA, group_R))
    negatives_RAM, temperature_RA = None, None
    if spec.learn_negatives:
        negatives_RAM = estimate(rewards.parts.total(), rewards.weight_RAM, group_R)
    if rewards.temperature_RA is not None:
        temperature_RA = estimate(rewards.temperature_RA, one_RA, group_R)
    return Advantages(rewards.weight_RAM, negatives_RAM, temperature_RA)


def advantage_estimator(spec: HgpoPolicy) -> Estimator:
    """Return the estimator that the spec's `advantage` names."""
    if spec.advantage == "grpo":
        return lambda reward, weight, _: grpo_advantage(reward, weight)
    return partial(hgpo_advantage, num_groups=2 * spec.num_groups)


def hgpo_advantage(reward: Tensor, weight: Tensor, group_R: Tensor, num_groups: int) -> Tensor:
    """Compute the reward minus the mean of its degree group in the batch (LGHRec, eq 7 and A_t^rel).

    Rewards have the shape [R, ...]; the inner dimensions count the actions of one anchor. `weight` is 0 where
    there was nothing to select, else 1; the advantage is 0 there. An anchor alone in its group has 0.
    """
    # the sums per anchor come first: a sum over groups takes far longer per number
    total_R, weight_R = (reward * weight).flatten(1).sum(dim=1), weight.flatten(1).sum(dim=1)
    total_G = group_sum(total_R, group_R, num_groups)
    mean_G = total_G / group_sum(weight_R, group_R, num_groups).clamp(min=1)
    mean_R = mean_G.index_select(0, group_R).view(-1, *[1] * (reward.ndim - 1))
    return (reward - mean_R) * weight


def grpo_advantage(reward: Tensor, weight: Tensor) -> Tensor:
    """Compute (reward - mean) / (std + 1e-6) over the actions of the same anchor; std of the population.

    This is the advantage of GRPO, with which the paper compares HGPO. Shapes are those of `hgpo_advantage`.
    """
    inner = tuple(range(1, reward.ndim))
    count = weight.sum(dim=inner, keepdim=True).clamp(min=1)
    mean = (reward * weight).sum(dim=inner, keepdim=True) / count
    deviation = (reward - mean) * weight
    return deviation / (torch.sqrt(deviation.square().sum(dim=inner, keepdim=True) / count) + _SMALL)


def masked_mean(value_RAM: Tensor, weight_RAM: Tensor) -> Tensor:
    """Return the mean over the negatives of each action, [R, A]; 0 where there are none."""
    return (value_RAM * weight_RAM).sum(dim=-1) / weight_RAM.sum(dim=-1).clamp(min=1)


def group_sum(value_R: Tensor, group_R: Tensor, num_groups: int) -> Tensor:
    """Return the sum of the values in each group, [G]."""
    return value_R.new_zeros(num_groups).index_add(0, group_R, value_R)


def group_mean(value_R: Tensor, group_R: Tensor, num_groups: int, weight_R: Tensor) -> tuple[Tensor, Tensor]:
    """Return the weighted mean of the values in each group, [G], and the weight of the group.

    The mean of an empty group is 0.
    """
    total_G = group_sum(value_R * weight_R, group_R, num_groups)
    weight_G = group_sum(weight_R, group_R, num_groups)
    return total_G / weight_G.clamp(min=torch.finfo(value_R.dtype).tiny), weight_G
