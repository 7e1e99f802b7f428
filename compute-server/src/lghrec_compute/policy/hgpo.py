"""HGPO: the policy that learns which candidates make good negatives, and at which temperature."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from lghrec_compute.json_types import Json
from lghrec_compute.policy.answer import Answer
from lghrec_compute.policy.base import PolicyInput, Selection, Task
from lghrec_compute.policy.choice import draw_actions
from lghrec_compute.policy.diagnostics import Meter
from lghrec_compute.policy.groups import degree_group
from lghrec_compute.policy.learner import Learner
from lghrec_compute.policy.network import Heads, Network, state_features
from lghrec_compute.policy.noise import Noise
from lghrec_compute.policy.options import Options
from lghrec_compute.policy.random import random_mask
from lghrec_compute.policy.reward import Levels, target_temperature
from lghrec_compute.policy.sample import Action, Sample, Situation, Standards
from lghrec_compute.policy.scene import Scene, Sight
from lghrec_compute.policy.select import num_negatives
from lghrec_compute.policy.thresholds import Thresholds
from lghrec_compute.policy.view import View


class Hgpo:
    """Harmonized Group Policy Optimization (LGHRec, sections 2.2-2.5); options by the names of the spec.

    It acts on all anchors of a task and learns from a uniform sample of them, `policy_anchors` at most. While
    it warms up it learns, but negatives are by chance and temperatures the backbone's. Nothing in it waits
    for the device but `diagnostics` and `state_dict`. `explore` False takes the likeliest candidates and the
    mean temperature instead of drawing.
    """

    def __init__(self, known: PolicyInput, *, explore: bool = True, **options: Any) -> None:
        self.options = Options(**options)
        self._degree_V = known.degree_V.to(known.device)
        self._group_V = degree_group(
            self._degree_V, num_users=known.num_users, num_groups=self.options.num_groups
        )
        self._network = Network(
            known.dim,
            bilinear=self.options.network == "bilinear",
            bounds=(self.options.temperature_min, self.options.temperature_max),
            generator=torch.Generator().manual_seed(known.seed),
            num_cosines=2 if self.options.looks_at_positive else 1,
        ).to(known.device)
        self._meter = Meter(self.options, self._group_V)
        self._learner = Learner(self.options, self._network)
        self._thresholds = Thresholds(self.options, known.device)
        self._generator = torch.Generator(known.device).manual_seed(known.seed)
        self._explore, self._num_acts, self._epoch = explore, 0, 1

    @torch.no_grad()
    def act(self, task: Task) -> Selection:
        """Draws negatives and a temperature for each anchor, and remembers some of it to learn from."""
        scene = self._scene(task)
        view, options = scene.view, self.options
        count = num_negatives(
            options.num_negatives, num_nodes=len(self._degree_V), num_candidates=view.num_candidates
        )
        learned_R = self._sampled_anchors(view)
        noise = self._noise(view, learned_R)
        sight = scene.look(learned_R)
        levels = self._levels(view, learned_R, sight)
        near = levels.near if self._thresholds.leaves_out else None
        rows = scene.rows(learned_R, sight, near)
        index_RAM = draw_actions(rows, count, noise, actions=options.num_actions)
        raw_B, raw_RA = self._temperatures(scene.heads, learned_R)
        situation = self._situation(view, learned_R, sight, rows.forbidden_RN)
        standards = self._standards(view, learned_R, levels)
        record = {"sample": Sample(situation, Action(index_RAM, raw_RA), standards)}
        if self._epoch <= options.warmup_epochs:
            return Selection(negative_BN=random_mask(task, count, self._generator), record=record)

        answer = Answer(view, count, options)
        if len(learned_R) < view.num_anchors:
            answer.draw_all(scene, near, noise, hand_over=task.takes_cosines)
        answer.take(learned_R, rows, index_RAM[:, 0])
        return answer.selection(self._used(raw_B, view.native), record)

    def learn(self, selections: Sequence[Selection]) -> Mapping[str, Tensor]:
        """Learns from what was remembered; the step's rewards, losses and more by name."""
        self._num_acts = 0
        samples = [selection.record["sample"] for selection in selections if selection.record]
        if not samples:
            return {}
        scalars = self._meter.add(samples, self._learner.update(samples))
        return {f"policy/{name}": value for name, value in scalars.items()}

    def on_epoch(self, epoch: int) -> None:
        """Starts the sums of another epoch; where the same one goes on, they go on."""
        if epoch != self._epoch:
            self._meter.restart()
        self._epoch = epoch

    def diagnostics(self) -> Json:
        """The epoch so far, see report.py."""
        return self._meter.read()

    def state_dict(self) -> dict[str, Any]:
        """Network, optimizer, estimates of thresholds, sums of the epoch, and where the generator stands."""
        return {
            **{f"network/{name}": value.clone() for name, value in self._network.state_dict().items()},
            **{f"optimizer/{name}": value for name, value in self._learner.state_dict().items()},
            **{f"meter/{name}": value.clone() for name, value in self._meter.totals.items()},
            "warned": self._meter.warned.clone(),
            "levels": self._thresholds.level_T5.clone(),
            "generator": self._generator.get_state(),
            "epoch": torch.tensor(self._epoch),
        }

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Goes on to the same bits from what `state_dict` gave."""
        self._network.load_state_dict(_under("network/", state_dict))
        self._learner.load_state_dict(_under("optimizer/", state_dict))
        self._meter.load(_under("meter/", state_dict))
        self._meter.warned = state_dict["warned"].cpu().clone()
        self._thresholds.level_T5 = state_dict["levels"].to(self._degree_V.device).clone()
        self._generator.set_state(state_dict["generator"].cpu())
        self._epoch, self._num_acts = int(state_dict["epoch"]), 0

    def _scene(self, task: Task) -> Scene:
        view = View.of(task, self._degree_V)
        heads = self._network(state_features(view.unit_B2D, view.degree_B), view.native)
        return Scene(view, heads, self.options)

    def _sampled_anchors(self, view: View) -> Tensor:
        device = view.unit_ND.device
        order_B = torch.randperm(view.num_anchors, generator=self._generator, device=device)
        return order_B[: self.options.policy_anchors]

    def _noise(self, view: View, learned_R: Tensor) -> Noise | None:
        if not self._explore:
            return None
        num_rows = view.num_anchors + self.options.num_actions * len(learned_R)
        return Noise(num_rows, view.num_candidates, self._generator, like=view.unit_ND)

    def _levels(self, view: View, row_R: Tensor, sight: Sight) -> Levels:
        self._num_acts += 1
        return self._thresholds.update(
            self._num_acts - 1, sight.cosines, view.forbidden(row_R), self._generator
        )

    def _temperatures(self, heads: Heads, learned_R: Tensor) -> tuple[Tensor, Tensor]:
        """Draws of all anchors, and all draws of those learned from, the one acted on first."""
        if not self._explore:
            return heads.mean_B, heads.mean_B[learned_R, None].expand(-1, self.options.num_actions)
        raw_B = _normal(heads.mean_B, heads.deviation_B, self._generator)
        more_RA = heads.mean_B[learned_R, None].expand(-1, self.options.num_actions - 1)
        more_RA = _normal(more_RA, heads.deviation_B[learned_R, None], self._generator)
        return raw_B, torch.cat([raw_B[learned_R, None], more_RA], dim=1)

    def _used(self, raw_B: Tensor, native: float) -> Tensor | None:
        if not self.options.tempers:
            return None
        used_B = raw_B.clamp(self.options.temperature_min, self.options.temperature_max)
        return used_B * (native / used_B.mean()) if self.options.relative_temperature else used_B

    def _situation(self, view: View, row_R: Tensor, sight: Sight, forbidden_RN: Tensor | None) -> Situation:
        features_RS = state_features(view.unit_B2D[row_R], view.degree_B[row_R])
        unit_ND = view.unit_ND if self.options.network == "bilinear" else None
        return Situation(features_RS, sight, forbidden_RN, unit_ND, view.native)

    def _standards(self, view: View, row_R: Tensor, levels: Levels) -> Standards:
        target_B = target_temperature(
            view.degree_B,
            scale=self.options.target_temperature_scale,
            slope=self.options.target_temperature_slope,
            native=view.native,
        )
        return Standards(levels, target_B[row_R], self._group_V[view.node_B[row_R]])


def _normal(mean: Tensor, deviation: Tensor, generator: torch.Generator) -> Tensor:
    noise = torch.randn(mean.shape, generator=generator, device=mean.device, dtype=mean.dtype)
    return mean + deviation * noise


def _under(prefix: str, state_dict: Mapping[str, Any]) -> dict[str, Any]:
    return {name.removeprefix(prefix): value for name, value in state_dict.items() if name.startswith(prefix)}
