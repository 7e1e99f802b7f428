"""Diagnostics of the policy over an epoch, summed on the device and read once.

Shapes: R anchors, N candidates, M selected negatives, A actions of one anchor, V nodes, W degree groups (of
users, then of items), Q bins of temperature, H bins of cosine; 2 stands for (selected, random) and 4 for the
kinds of candidates.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from lghrec_compute.json_types import Json
from lghrec_compute.policy.advantage import Rewards
from lghrec_compute.policy.distributions import PolicyOutput
from lghrec_compute.policy.epoch_report import CODES, COSINE_BINS, TEMPERATURE_BINS, epoch_report
from lghrec_compute.policy.learner import Update
from lghrec_compute.policy.network import at_bound
from lghrec_compute.policy.reward import CandidateKinds, candidate_kinds
from lghrec_compute.policy.state import Transition, gather_selected
from lghrec_compute.spec.policy import HgpoPolicy

_SORTED_ANCHORS = 32
"""Anchors per task whose whole pool is sorted into kinds and bins; enough over the steps of an epoch."""


class EpochDiagnostics:
    """Sums of the current epoch.

    `totals` holds the sums by name. `warned` marks the warning codes that were emitted; each is emitted once
    per run.
    """

    def __init__(self, spec: HgpoPolicy, group_V: Tensor) -> None:
        self._spec = spec
        width = 2 * spec.num_groups
        self._nodes_W = torch.bincount(group_V.cpu(), minlength=width)
        self._device = group_V.device
        self._shapes = {
            "anchors_W": (width,),
            "reward_W": (width,),
            "temperature_W": (width,),
            "target_W": (width,),
            "temperature_WQ": (width, TEMPERATURE_BINS),
            "kinds_24": (2, 4),
            "cosine_2H": (2, COSINE_BINS),
            "scalars": (len(scalar_names(spec)),),
            "steps": (1,),
        }
        self.totals: dict[str, Tensor] = {}
        self.warned = torch.zeros(len(CODES), dtype=torch.bool)
        self.restart()

    def restart(self) -> None:
        """Set all sums to 0."""
        self.totals = {
            name: torch.zeros(shape, dtype=torch.float32, device=self._device)
            for name, shape in self._shapes.items()
        }

    def load(self, totals: Mapping[str, Tensor]) -> None:
        """Restore the sums of an interrupted epoch."""
        self.totals = {name: totals[name].to(self._device).clone() for name in self._shapes}

    @torch.no_grad()
    def add(self, transitions: Sequence[Transition], update: Update) -> dict[str, Tensor]:
        """Add one step and return its scalars by name."""
        for transition, rewards in zip(transitions, update.rewards, strict=True):
            self._add_groups(transition, rewards)
            self._add_pool(transition)
        scalars = step_scalars(transitions, update, self._spec)
        self.totals["scalars"] += torch.stack(list(scalars.values())).float()
        self.totals["steps"] += 1
        return scalars

    def read(self) -> Json:
        """Return the report of the epoch so far, with the warnings that are new; waits for the device."""
        totals = {name: value.double().cpu() for name, value in self.totals.items()}
        report = epoch_report(totals, scalar_names(self._spec), self._nodes_W, self._spec)
        new = [
            warning for warning in report.get("warnings", ()) if not self.warned[CODES.index(warning["code"])]
        ]
        for warning in new:
            self.warned[CODES.index(warning["code"])] = True
        return report | {"warnings": new} if report else report

    def _add_groups(self, transition: Transition, rewards: Rewards) -> None:
        spec, totals, group_R = self._spec, self.totals, transition.state.group_B
        reward_R = rewards.total_RA().mean(dim=1)
        temperature_RA = transition.action.temperature_RA
        applied_R = temperature_RA[:, 0].clamp(spec.temperature_min, spec.temperature_max)
        totals["anchors_W"].index_add_(0, group_R, torch.ones_like(reward_R).float())
        totals["reward_W"].index_add_(0, group_R, reward_R.float())
        totals["temperature_W"].index_add_(0, group_R, applied_R.float())
        totals["target_W"].index_add_(0, group_R, transition.target_temperature_R.float())
        span = spec.temperature_max - spec.temperature_min
        bin_R = _bin((applied_R - spec.temperature_min) / span, TEMPERATURE_BINS)
        flat = totals["temperature_WQ"].view(-1)
        flat.index_add_(0, group_R * TEMPERATURE_BINS + bin_R, torch.ones_like(applied_R).float())

    def _add_pool(self, transition: Transition) -> None:
        """Add kinds and cosines of the selected candidates, and of the whole pool for comparison."""
        excluded_BN = transition.state.excluded_BN
        index_RAM = transition.action.index_RAM[:_SORTED_ANCHORS]
        cosine_RN, positive_RN, _ = transition.features.first(_SORTED_ANCHORS)
        weight_RN = torch.ones_like(cosine_RN)
        if excluded_BN is not None:
            weight_RN = (~excluded_BN[:_SORTED_ANCHORS]).to(cosine_RN.dtype)
        kinds = candidate_kinds(cosine_RN, positive_RN, transition.thresholds)
        selected = CandidateKinds(*(gather_selected(mask_RN, index_RAM) for mask_RN in kinds))
        selected_cosine = gather_selected(cosine_RN, index_RAM)
        self._add_row(0, selected, selected_cosine, gather_selected(weight_RN, index_RAM))
        self._add_row(1, kinds, cosine_RN, weight_RN)

    def _add_row(self, row: int, kinds: CandidateKinds, cosine: Tensor, weight: Tensor) -> None:
        weight = weight.float()
        self.totals["kinds_24"][row] += torch.stack([(mask * weight).sum() for mask in kinds])
        bins = _bin((cosine + 1) / 2, COSINE_BINS).reshape(-1)
        self.totals["cosine_2H"][row].index_add_(0, bins, weight.reshape(-1))


def scalar_names(spec: HgpoPolicy) -> tuple[str, ...]:
    """Return the names of the scalars of a step; some depend on `learn_negatives` and `learn_temperature`."""
    names = ["reward", "reward_hard", "reward_false", "reward_easy", "loss", "group_variance"]
    names += ["clip_fraction", "approx_kl", "gradient_norm"]
    if spec.learn_negatives:
        names += ["entropy", "normalized_entropy"]
    if spec.learn_temperature:
        names += ["reward_temperature", "temperature", "temperature_std"]
        names += ["temperature_std_at_bound", "temperature_entropy"]
    return tuple(names)


def step_scalars(transitions: Sequence[Transition], update: Update, spec: HgpoPolicy) -> dict[str, Tensor]:
    """Return means over the tasks of a step, by the names of `scalar_names`."""
    rows = [
        {
            **_reward_scalars(rewards),
            "clip_fraction": surrogate.clip_fraction,
            "approx_kl": surrogate.approx_kl,
            **_output_scalars(output, transition.state.num_candidates),
        }
        for transition, rewards, surrogate, output in zip(
            transitions, update.rewards, update.surrogates, update.outputs, strict=True
        )
    ]
    means = {name: torch.stack([row[name] for row in rows]).mean() for name in rows[0]}
    means |= {
        "loss": update.loss,
        "group_variance": update.group_variance,
        "gradient_norm": update.gradient_norm,
    }
    return {name: means[name] for name in scalar_names(spec)}


def _reward_scalars(rewards: Rewards) -> dict[str, Tensor]:
    weight_RAM = rewards.weight_RAM
    count = weight_RAM.sum().clamp(min=1)
    scalars = {"reward": rewards.total_RA().mean()}
    for name, part_RAM in rewards.parts._asdict().items():
        scalars[f"reward_{name}"] = (part_RAM * weight_RAM).sum() / count
    if rewards.temperature_RA is not None:
        scalars["reward_temperature"] = rewards.temperature_RA.mean()
    return scalars


def _output_scalars(output: PolicyOutput, num_candidates: int) -> dict[str, Tensor]:
    heads = output.heads
    scalars = {
        "temperature": heads.mean_B.mean(),
        "temperature_std": heads.std_B.mean(),
        "temperature_std_at_bound": at_bound(heads.std_B).float().mean(),
        "temperature_entropy": output.temperature_entropy_R.mean(),
    }
    if output.entropy_R is not None:
        entropy = output.entropy_R.mean()
        scalars |= {"entropy": entropy, "normalized_entropy": entropy / math.log(max(2, num_candidates))}
    return scalars


def _bin(share: Tensor, count: int) -> Tensor:
    return (share * count).long().clamp(0, count - 1)
