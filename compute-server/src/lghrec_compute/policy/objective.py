"""The whole of HGPO's objective on a step's samples (LGHRec, eq 8). Shapes: types.py and sample.py.

R in what is joined over tasks counts the anchors of all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from lghrec_compute.policy import loss
from lghrec_compute.policy.categorical import categorical
from lghrec_compute.policy.judge import Verdict, masked_mean
from lghrec_compute.policy.network import Heads, Network, candidate_logits
from lghrec_compute.policy.options import Options
from lghrec_compute.policy.sample import Sample


class LogProbabilities(NamedTuple):
    """Of the actions under some weights; None where the policy does not act."""

    negatives_RAM: Tensor | None
    temperature_RA: Tensor | None

    def detached(self) -> LogProbabilities:
        """As of the weights that acted."""
        return LogProbabilities(*(None if part is None else part.detach() for part in self))


class Outlook(NamedTuple):
    """What the policy, with its weights of now, makes of one sample.

    `entropy_R` None: negatives are by chance. `open_R`: 0 where no candidate is allowed, else 1.
    """

    heads: Heads
    log_probabilities: LogProbabilities
    entropy_R: Tensor | None
    expected_R: Tensor
    open_R: Tensor


class Gain(NamedTuple):
    """Clipped gain of each anchor, [R], and for diagnostics scalars: share clipped, approximate KL."""

    gain_R: Tensor
    clip_fraction: Tensor
    kl: Tensor


def outlook(network: Network, sample: Sample, verdict: Verdict, options: Options) -> Outlook:
    """One pass of the network over a sample, with gradients."""
    situation, action, standards = sample.situation, sample.action, sample.standards
    heads = network(situation.features_RS, situation.native)
    if options.chooses:
        logit_RN = candidate_logits(heads, situation.sight.places, situation.unit_ND)
    else:
        logit_RN = torch.zeros_like(verdict.reward_RN)
    seen = categorical(
        logit_RN, situation.forbidden_RN, reward_RN=verdict.reward_RN, index_RM=action.index_RAM.flatten(1)
    )
    entropy_R, negatives_RAM, temperature_RA = None, None, None
    expected_R = seen.expected_R
    if options.chooses:
        entropy_R, negatives_RAM = seen.entropy_R, seen.chosen_RM.view_as(action.index_RAM)
    if options.tempers:
        mean_R1, deviation_R1 = heads.mean_B[:, None], heads.deviation_B[:, None]
        temperature_RA = loss.normal_log_probability(action.raw_RA, mean_R1, deviation_R1)
        distance_R = loss.expected_distance(heads.mean_B, heads.deviation_B, standards.target_R)
        expected_R = expected_R - options.temperature_weight * distance_R
    return Outlook(
        heads, LogProbabilities(negatives_RAM, temperature_RA), entropy_R, expected_R, verdict.open_R
    )


def gain(new: LogProbabilities, old: LogProbabilities, verdict: Verdict, options: Options) -> Gain:
    """Clipped gain, eq 9, with credit by the factor or for the whole action.

    `factored`: each negative by its own ratio, averaged, plus the temperature by its own. `joint`: one ratio,
    exp(mean log ratio of the negatives + log ratio of the temperature).
    """
    if options.credit == "joint":
        log_RA = torch.zeros_like(verdict.temperature_RA)
        if new.negatives_RAM is not None and old.negatives_RAM is not None:
            log_RA = log_RA + masked_mean(new.negatives_RAM - old.negatives_RAM, verdict.weight_RAM)
        if new.temperature_RA is not None and old.temperature_RA is not None:
            log_RA = log_RA + (new.temperature_RA - old.temperature_RA)
        assert verdict.advantage_RA is not None
        return _gain(log_RA[..., None], verdict.advantage_RA[..., None], None, options)
    parts = []
    if new.negatives_RAM is not None and old.negatives_RAM is not None:
        assert verdict.advantage_RAM is not None
        log_RAM = new.negatives_RAM - old.negatives_RAM
        parts.append(_gain(log_RAM, verdict.advantage_RAM, verdict.weight_RAM, options))
    if new.temperature_RA is not None and old.temperature_RA is not None:
        assert verdict.advantage_RA is not None
        log_RA1 = (new.temperature_RA - old.temperature_RA)[..., None]
        parts.append(_gain(log_RA1, verdict.advantage_RA[..., None], None, options))
    # the negatives are first: their share clipped and KL are what is reported
    return parts[0]._replace(gain_R=torch.stack([part.gain_R for part in parts]).sum(dim=0))


def objective(
    outlooks: Sequence[Outlook], gains: Sequence[Gain], groups: Sequence[Tensor], options: Options
) -> tuple[Tensor, Tensor]:
    """The loss to minimise and, within it, the harmony loss before its weight; both scalars.

    Each anchor counts alike. A group of one task is apart from the same group of another, as their pools, and
    so their rewards, are not of one kind.
    """
    gain_R = torch.cat([gain.gain_R for gain in gains])
    total = -gain_R.mean()
    if options.entropy_weight:
        total = total - options.entropy_weight * _entropy(outlooks, options)
    expected_R = torch.cat([outlook.expected_R for outlook in outlooks])
    open_R = torch.cat([outlook.open_R for outlook in outlooks])
    width = 2 * options.num_groups
    cell_R = torch.cat([group_R + width * task for task, group_R in enumerate(groups)])
    harmony = loss.group_variance(expected_R, open_R, cell_R, width * len(groups))
    if options.harmony_weight:
        total = total + options.harmony_weight * harmony
    return total, harmony


def _entropy(outlooks: Sequence[Outlook], options: Options) -> Tensor:
    parts_R = []
    for seen in outlooks:
        entropy_R = torch.zeros_like(seen.expected_R)
        if seen.entropy_R is not None:
            entropy_R = entropy_R + seen.entropy_R * seen.open_R
        if options.tempers and options.temperature_entropy_weight:
            of_temperature_R = loss.temperature_entropy(seen.heads.deviation_B)
            entropy_R = entropy_R + options.temperature_entropy_weight * of_temperature_R
        parts_R.append(entropy_R)
    return torch.cat(parts_R).mean()


def _gain(log_ratio: Tensor, advantage: Tensor, weight: Tensor | None, options: Options) -> Gain:
    """Over the last dimension the mean of those with a weight, over the actions the mean."""
    clipped = loss.clipped(log_ratio, advantage, options.clip_range)
    weight = torch.ones_like(clipped) if weight is None else weight
    with torch.no_grad():
        beyond = log_ratio.expm1()
        outside = (beyond.abs() > options.clip_range).to(clipped.dtype)
        kl = masked_mean(beyond - log_ratio, weight).mean()
        clip_fraction = masked_mean(outside, weight).mean()
    return Gain(masked_mean(clipped, weight).mean(dim=1), clip_fraction, kl)
