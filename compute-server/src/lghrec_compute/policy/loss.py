"""The objective of HGPO, from top to bottom (LGHRec, section 2.5, eqs 8-13).

    L = -L_policy - c1 (H_neg + c_tau H_temp) + lambda Var_g[R_g]

Departures from the paper:

- Eq 8 as printed adds c1 S to the loss that is minimised. That drives exploration out, while the text of the
  paper wants exploration. Here the entropies are subtracted.
- The variance of the group means of sampled rewards has no gradient to the policy. Here it is the variance
  of the rewards expected under the policy, in closed form.
- Eq 9 has one ratio of probabilities per action, a product over its negatives and its temperature. With
  factored credit each negative and the temperature have their own ratio. With joint credit there is one
  ratio, but it takes the mean over the negatives of their log-ratios, not their sum.
- H_temp has a weight of its own, c_tau, which is 0 by default. The paper has the weight 1.

Shapes: R anchors that the policy learns from, M selected negatives, A actions of one anchor, G groups. Where
tasks are concatenated, R counts the anchors of all tasks.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor

from lghrec_compute.policy.advantage import Advantages, group_mean, masked_mean
from lghrec_compute.policy.distributions import LogProbabilities, PolicyOutput
from lghrec_compute.spec.policy import HgpoPolicy


class ClippedSurrogate(NamedTuple):
    """Clipped surrogate objective of each anchor, and two scalars for diagnostics.

    `clip_fraction` is the share of ratios outside the clip range; `approx_kl` is the mean of r - 1 - ln r.
    """

    objective_R: Tensor
    clip_fraction: Tensor
    approx_kl: Tensor


def hgpo_loss(
    outputs: Sequence[PolicyOutput],
    surrogates: Sequence[ClippedSurrogate],
    groups: Sequence[Tensor],
    spec: HgpoPolicy,
) -> tuple[Tensor, Tensor]:
    """Compute the loss to minimise and the group variance in it, before its weight (LGHRec, eq 8).

    Each sequence has one element per task; `groups` holds the degree group of each anchor. Each anchor has
    the same weight.
    """
    loss = -torch.cat([surrogate.objective_R for surrogate in surrogates]).mean()
    if spec.entropy_weight:
        loss = loss - spec.entropy_weight * entropy_bonus(outputs, spec)
    variance = expected_reward_variance(outputs, groups, num_groups=2 * spec.num_groups)
    if spec.harmony_weight:
        loss = loss + spec.harmony_weight * variance
    return loss, variance


def clipped_surrogate(
    new: LogProbabilities, old: LogProbabilities, advantages: Advantages, spec: HgpoPolicy
) -> ClippedSurrogate:
    """Compute the clipped surrogate objective of each anchor (LGHRec, eq 9).

    Factored credit: the mean over the negatives, each with its own ratio and advantage, plus the temperature
    with its own. Joint credit: one ratio, exp(mean log-ratio of the negatives + log-ratio of the
    temperature), and the advantage of the whole action.
    """
    negatives_RAM = _log_ratio(new.negatives_RAM, old.negatives_RAM)
    temperature_RA = _log_ratio(new.temperature_RA, old.temperature_RA)
    if advantages.joint_RA is not None:
        log_ratio_RA = torch.zeros_like(advantages.joint_RA)
        if negatives_RAM is not None:
            log_ratio_RA = log_ratio_RA + masked_mean(negatives_RAM, advantages.weight_RAM)
        if temperature_RA is not None:
            log_ratio_RA = log_ratio_RA + temperature_RA
        return _mean_surrogate(log_ratio_RA[..., None], advantages.joint_RA[..., None], None, spec)
    parts: list[ClippedSurrogate] = []
    if negatives_RAM is not None and advantages.negatives_RAM is not None:
        weight_RAM = advantages.weight_RAM
        parts.append(_mean_surrogate(negatives_RAM, advantages.negatives_RAM, weight_RAM, spec))
    if temperature_RA is not None and advantages.temperature_RA is not None:
        log_ratio_RA1, advantage_RA1 = temperature_RA[..., None], advantages.temperature_RA[..., None]
        parts.append(_mean_surrogate(log_ratio_RA1, advantage_RA1, None, spec))
    # the diagnostics are those of the negatives, which are first, if the policy selects them
    return parts[0]._replace(objective_R=torch.stack([part.objective_R for part in parts]).sum(dim=0))


def _log_ratio(new: Tensor | None, old: Tensor | None) -> Tensor | None:
    """Return ln r = ln pi(a) - ln pi_old(a)."""
    return None if new is None or old is None else new - old


def _mean_surrogate(
    log_ratio: Tensor, advantage: Tensor, weight: Tensor | None, spec: HgpoPolicy
) -> ClippedSurrogate:
    """Average over the last dimension by `weight`, then over the actions of each anchor."""
    objective = clipped_objective(log_ratio, advantage, spec.clip_range)
    weight = torch.ones_like(objective) if weight is None else weight
    with torch.no_grad():
        ratio_minus_1 = log_ratio.expm1()
        outside = (ratio_minus_1.abs() > spec.clip_range).to(objective.dtype)
        approx_kl = masked_mean(ratio_minus_1 - log_ratio, weight).mean()
        clip_fraction = masked_mean(outside, weight).mean()
    return ClippedSurrogate(masked_mean(objective, weight).mean(dim=1), clip_fraction, approx_kl)


def clipped_objective(log_ratio: Tensor, advantage: Tensor, clip_range: float) -> Tensor:
    """Compute min(r A, clip(r, 1 - eps, 1 + eps) A) elementwise from ln r (LGHRec, eq 9).

    In the first of several updates on the same actions the ratio is 1, so nothing is clipped.
    """
    objective = _ClippedObjective.apply(log_ratio, advantage, clip_range)
    assert isinstance(objective, Tensor)
    return objective


class _ClippedObjective(torch.autograd.Function):
    """r A is its own derivative by ln r where it is not clipped: one product instead of five gradients."""

    @staticmethod
    def forward(ctx: Any, log_ratio: Tensor, advantage: Tensor, clip_range: float) -> Tensor:
        """Return the smaller of the unclipped and the clipped product."""
        ratio = log_ratio.exp()
        unclipped = ratio * advantage
        clipped = ratio.clamp_(1 - clip_range, 1 + clip_range).mul_(advantage)
        objective = torch.minimum(unclipped, clipped)
        ctx.save_for_backward(objective, objective == unclipped)
        return objective

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None, None]:
        """Return no gradient where the product is clipped."""
        objective, is_unclipped = ctx.saved_tensors
        return (grads[0] * objective).mul_(is_unclipped), None, None


def entropy_bonus(outputs: Sequence[PolicyOutput], spec: HgpoPolicy) -> Tensor:
    """Compute the mean entropy S of the policy over all anchors (LGHRec, eqs 10 and 11).

    H = H_neg + c_tau H_temp; `evaluate_actions` computes H_neg (eq 12) and H_temp (eq 13). c_tau is the
    spec's `temperature_entropy_weight`.
    """
    parts_R = []
    for output in outputs:
        entropy_R = torch.zeros_like(output.expected_reward_R)
        if output.entropy_R is not None:
            entropy_R = entropy_R + output.entropy_R * output.has_candidates_R
        if spec.learn_temperature and spec.temperature_entropy_weight:
            entropy_R = entropy_R + spec.temperature_entropy_weight * output.temperature_entropy_R
        parts_R.append(entropy_R)
    return torch.cat(parts_R).mean()


def expected_reward_variance(
    outputs: Sequence[PolicyOutput], groups: Sequence[Tensor], *, num_groups: int
) -> Tensor:
    """Compute the harmony loss before its weight, Var_g[R_g] of expected rewards (LGHRec, after eq 13).

    A group of one task and the same group of another task count as two groups: their pools, and so their
    rewards, differ in kind.
    """
    expected_R = torch.cat([output.expected_reward_R for output in outputs])
    has_candidates_R = torch.cat([output.has_candidates_R for output in outputs])
    group_R = torch.cat([group_R + num_groups * task for task, group_R in enumerate(groups)])
    return group_variance(expected_R, has_candidates_R, group_R, num_groups * len(groups))


def group_variance(value_R: Tensor, weight_R: Tensor, group_R: Tensor, num_groups: int) -> Tensor:
    """Compute the population variance of the group means over the groups that have a weight."""
    mean_G, weight_G = group_mean(value_R, group_R, num_groups, weight_R)
    present_G = (weight_G > 0).to(mean_G.dtype)
    count = present_G.sum().clamp(min=1)
    center = (mean_G * present_G).sum() / count
    return ((mean_G - center).square() * present_G).sum() / count
