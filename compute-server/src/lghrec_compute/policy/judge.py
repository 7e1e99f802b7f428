"""Rewards and advantages of a sampled task's actions. Shapes: types.py and sample.py."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from lghrec_compute.policy.advantage import action_advantage, group_advantage
from lghrec_compute.policy.options import Options
from lghrec_compute.policy.reward import (
    Parts,
    Weights,
    negative_reward,
    temperature_reward,
    total_reward,
)
from lghrec_compute.policy.sample import Sample, at_chosen


class Verdict(NamedTuple):
    """Rewards of actions; nothing in it depends on the policy's weights.

    `reward_RN`: what choosing each candidate would bring. `weight_RAM`: 0 where fewer candidates were allowed
    than asked for, else 1; `open_R`: 0 where none was, else 1. `advantage_*` are None where the policy does
    not act, and `advantage_RAM` also where credit is joint: then `advantage_RA` is that of the whole action.
    """

    reward_RN: Tensor
    parts: Parts
    weight_RAM: Tensor
    open_R: Tensor
    temperature_RA: Tensor
    advantage_RAM: Tensor | None
    advantage_RA: Tensor | None

    def mean_negatives_RA(self) -> Tensor:
        """Mean reward of each action's negatives."""
        return masked_mean(self.parts.total(), self.weight_RAM)

    def total_RA(self, options: Options) -> Tensor:
        """One reward an action: mean of its negatives' and, if set by the policy, the temperature's."""
        total_RA = self.mean_negatives_RA()
        return total_RA + self.temperature_RA if options.tempers else total_RA


def judge(sample: Sample, options: Options) -> Verdict:
    """Rules on each action of a sample."""
    situation, (index_RAM, raw_RA), standards = sample.situation, sample.action, sample.standards
    cosine_RN, positive_RN = situation.sight.cosines
    weights = reward_weights(options)
    weight_RAM = torch.ones_like(index_RAM, dtype=cosine_RN.dtype)
    open_R = torch.ones_like(standards.target_R)
    if situation.forbidden_RN is not None:
        open_R = (~situation.forbidden_RN.all(dim=1)).to(open_R.dtype)
        weight_RAM = (~at_chosen(situation.forbidden_RN, index_RAM)).to(cosine_RN.dtype)
    positive_RAM = None if positive_RN is None else at_chosen(positive_RN, index_RAM)
    chosen = negative_reward(at_chosen(cosine_RN, index_RAM), positive_RAM, standards.levels, weights)
    reward_RN = total_reward(cosine_RN, positive_RN, standards.levels, weights)
    used_RA = raw_RA.clamp(options.temperature_min, options.temperature_max)
    temperature_RA = temperature_reward(used_RA, standards.target_R[:, None], options.temperature_weight)
    verdict = Verdict(reward_RN, chosen, weight_RAM, open_R, temperature_RA, None, None)
    return verdict._replace(**_advantages(verdict, standards.group_R, options))


def reward_weights(options: Options) -> Weights:
    """w1 to w4."""
    return Weights(
        options.hard_weight,
        options.false_negative_weight,
        options.false_positive_weight,
        options.easy_weight,
    )


def masked_mean(value_RAM: Tensor, weight_RAM: Tensor) -> Tensor:
    """Mean over the negatives of each action, [R, A]; 0 where there are none."""
    return (value_RAM * weight_RAM).sum(dim=-1) / weight_RAM.sum(dim=-1).clamp(min=1)


def _advantages(verdict: Verdict, group_R: Tensor, options: Options) -> dict[str, Tensor | None]:
    one_RA = torch.ones_like(verdict.temperature_RA)
    if options.credit == "joint":
        total_RA = verdict.total_RA(options)
        return {"advantage_RA": _advantage(total_RA, one_RA, group_R, options)}
    return {
        "advantage_RAM": _advantage(verdict.parts.total(), verdict.weight_RAM, group_R, options)
        if options.chooses
        else None,
        "advantage_RA": _advantage(verdict.temperature_RA, one_RA, group_R, options)
        if options.tempers
        else None,
    }


def _advantage(reward: Tensor, weight: Tensor, group_R: Tensor, options: Options) -> Tensor:
    if options.advantage == "grpo":
        return action_advantage(reward, weight)
    return group_advantage(reward, weight, group_R, 2 * options.num_groups)
