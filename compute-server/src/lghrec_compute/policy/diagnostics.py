"""What an epoch of the policy was like, summed on the device and read once. Shapes: types.py and sample.py.

W groups, users' before items' | Q bins of temperature | H bins of cosine
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from lghrec_compute.json_types import Json
from lghrec_compute.policy.judge import Verdict
from lghrec_compute.policy.learner import Update
from lghrec_compute.policy.loss import temperature_entropy
from lghrec_compute.policy.network import at_bound
from lghrec_compute.policy.objective import Outlook
from lghrec_compute.policy.options import Options
from lghrec_compute.policy.report import CODES, COSINE_BINS, TEMPERATURE_BINS, epoch_report
from lghrec_compute.policy.reward import Zones, zones
from lghrec_compute.policy.sample import Sample, at_chosen

_LOOKED_AT = 32
"""Anchors of a sample whose whole pool is sorted into zones and bins; of many steps they are many."""


class Meter:
    """Sums of one epoch, `totals` by name, and of which codes `warned` has told: each is told once a run."""

    def __init__(self, options: Options, group_V: Tensor) -> None:
        self._options = options
        width = 2 * options.num_groups
        self._nodes_W = torch.bincount(group_V.cpu(), minlength=width)
        self._device = group_V.device
        self._shapes = {
            "anchors_W": (width,),
            "reward_W": (width,),
            "temperature_W": (width,),
            "target_W": (width,),
            "temperature_WQ": (width, TEMPERATURE_BINS),
            "zones_24": (2, 4),
            "cosine_2H": (2, COSINE_BINS),
            "scalars": (len(scalar_names(options)),),
            "steps": (1,),
        }
        self.totals: dict[str, Tensor] = {}
        self.warned = torch.zeros(len(CODES), dtype=torch.bool)
        self.restart()

    def restart(self) -> None:
        """Back to nothing."""
        self.totals = {
            name: torch.zeros(shape, dtype=torch.float32, device=self._device)
            for name, shape in self._shapes.items()
        }

    def load(self, totals: Mapping[str, Tensor]) -> None:
        """Takes back the sums of an epoch that was broken off."""
        self.totals = {name: totals[name].to(self._device).clone() for name in self._shapes}

    @torch.no_grad()
    def add(self, samples: Sequence[Sample], update: Update) -> dict[str, Tensor]:
        """Takes in one step and returns its scalars by name."""
        for sample, verdict in zip(samples, update.verdicts, strict=True):
            self._add_groups(sample, verdict)
            self._add_pool(sample)
        scalars = step_scalars(samples, update, self._options)
        self.totals["scalars"] += torch.stack(list(scalars.values())).float()
        self.totals["steps"] += 1
        return scalars

    def read(self) -> Json:
        """The epoch so far as plain data, with the warnings not given before; waits for the device."""
        totals = {name: value.double().cpu() for name, value in self.totals.items()}
        report = epoch_report(totals, scalar_names(self._options), self._nodes_W, self._options)
        new = [
            warning for warning in report.get("warnings", ()) if not self.warned[CODES.index(warning["code"])]
        ]
        for warning in new:
            self.warned[CODES.index(warning["code"])] = True
        return report | {"warnings": new} if report else report

    def _add_groups(self, sample: Sample, verdict: Verdict) -> None:
        group_R = sample.standards.group_R
        options, totals = self._options, self.totals
        reward_R = verdict.total_RA(options).mean(dim=1)
        used_R = sample.action.raw_RA[:, 0].clamp(options.temperature_min, options.temperature_max)
        totals["anchors_W"].index_add_(0, group_R, torch.ones_like(reward_R).float())
        totals["reward_W"].index_add_(0, group_R, reward_R.float())
        totals["temperature_W"].index_add_(0, group_R, used_R.float())
        totals["target_W"].index_add_(0, group_R, sample.standards.target_R.float())
        span = options.temperature_max - options.temperature_min
        bin_R = _bin((used_R - options.temperature_min) / span, TEMPERATURE_BINS)
        flat = totals["temperature_WQ"].view(-1)
        flat.index_add_(0, group_R * TEMPERATURE_BINS + bin_R, torch.ones_like(used_R).float())

    def _add_pool(self, sample: Sample) -> None:
        """Zones and cosines of what was chosen, and of the whole pool, which is what chance would choose."""
        situation = sample.situation.first(_LOOKED_AT)
        index_RAM = sample.action.index_RAM[:_LOOKED_AT]
        cosine_RN, positive_RN = situation.sight.cosines
        allowed_RN = torch.ones_like(cosine_RN)
        if situation.forbidden_RN is not None:
            allowed_RN = (~situation.forbidden_RN).to(cosine_RN.dtype)
        masks = zones(cosine_RN, positive_RN, sample.standards.levels)
        chosen = Zones(*(at_chosen(mask_RN, index_RAM) for mask_RN in masks))
        self._add_row(0, chosen, at_chosen(cosine_RN, index_RAM), at_chosen(allowed_RN, index_RAM))
        self._add_row(1, masks, cosine_RN, allowed_RN)

    def _add_row(self, row: int, masks: Zones, cosine: Tensor, weight: Tensor) -> None:
        weight = weight.float()
        self.totals["zones_24"][row] += torch.stack([(mask * weight).sum() for mask in masks])
        bins = _bin((cosine + 1) / 2, COSINE_BINS).reshape(-1)
        self.totals["cosine_2H"][row].index_add_(0, bins, weight.reshape(-1))


def scalar_names(options: Options) -> tuple[str, ...]:
    """What is reported of each step; part of it only where the policy has a say."""
    names = ["reward", "reward_hard", "reward_false", "reward_easy", "loss", "harmony", "clip_fraction", "kl"]
    names.append("gradient_norm")
    if options.chooses:
        names += ["entropy", "entropy_share"]
    if options.tempers:
        names += [
            "reward_temperature",
            "temperature",
            "deviation",
            "deviation_at_bound",
            "temperature_entropy",
        ]
    return tuple(names)


def step_scalars(samples: Sequence[Sample], update: Update, options: Options) -> dict[str, Tensor]:
    """Means over the tasks of a step, by the names of `scalar_names`."""
    rows = [
        {
            "reward": verdict.total_RA(options).mean(),
            **{f"reward_{name}": _mean(part, verdict) for name, part in verdict.parts._asdict().items()},
            "reward_temperature": verdict.temperature_RA.mean(),
            "clip_fraction": gain.clip_fraction,
            "kl": gain.kl,
            **_of_policy(seen, sample.situation.num_candidates),
        }
        for sample, verdict, gain, seen in zip(
            samples, update.verdicts, update.gains, update.outlooks, strict=True
        )
    ]
    means = {name: torch.stack([row[name] for row in rows]).mean() for name in rows[0]}
    means |= {"loss": update.loss, "harmony": update.harmony, "gradient_norm": update.gradient_norm}
    return {name: means[name] for name in scalar_names(options)}


def _of_policy(seen: Outlook, num_candidates: int) -> dict[str, Tensor]:
    heads = seen.heads
    scalars = {
        "temperature": heads.mean_B.mean(),
        "deviation": heads.deviation_B.mean(),
        "deviation_at_bound": at_bound(heads.deviation_B).float().mean(),
        "temperature_entropy": temperature_entropy(heads.deviation_B).mean(),
    }
    if seen.entropy_R is not None:
        entropy = seen.entropy_R.mean()
        scalars |= {"entropy": entropy, "entropy_share": entropy / math.log(max(2, num_candidates))}
    return scalars


def _mean(part_RAM: Tensor, verdict: Verdict) -> Tensor:
    weight_RAM = verdict.weight_RAM
    return (part_RAM * weight_RAM).sum() / weight_RAM.sum().clamp(min=1)


def _bin(share: Tensor, count: int) -> Tensor:
    return (share * count).long().clamp(0, count - 1)
