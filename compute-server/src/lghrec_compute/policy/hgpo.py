"""HGPO: the policy that learns which candidates are good negatives, and at which temperature.

Shapes: B anchors, R anchors that the policy learns from (or, in a tile, some of the anchors), N candidates,
M selected negatives, A actions of one anchor, V nodes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from lghrec_compute.json_types import Json
from lghrec_compute.policy.base import PolicyInput, Selection, Task
from lghrec_compute.policy.diagnostics import EpochDiagnostics
from lghrec_compute.policy.learner import Learner
from lghrec_compute.policy.network import HeadOutputs, PolicyNetwork
from lghrec_compute.policy.reward import Thresholds, target_temperature
from lghrec_compute.policy.sampling import Noise, draw_indices, draw_uniform_mask, num_negatives
from lghrec_compute.policy.selection import SelectionBuilder, exclude_similar, pool_logits
from lghrec_compute.policy.state import (
    Action,
    CandidateFeatures,
    State,
    Transition,
    candidate_features,
    node_groups,
)
from lghrec_compute.policy.thresholds import ThresholdEstimator
from lghrec_compute.spec.policy import HgpoPolicy
from lghrec_compute.state_tensors import under_prefix


class Hgpo:
    """Harmonized Group Policy Optimization (LGHRec, sections 2.2-2.5).

    It acts on all anchors of a task and learns from a uniform sample of them, at most `policy_anchors`; the
    paper learns from the whole batch. During the warm-up epochs it learns, but negatives are random and
    temperatures are the backbone's. Only `diagnostics` and `state_dict` wait for the device. `explore` False
    takes the most likely candidates and the mean temperature instead of drawing.
    """

    def __init__(self, spec: HgpoPolicy, known: PolicyInput, *, explore: bool = True) -> None:
        self._spec = spec
        self._degree_V = known.degree_V.to(known.device)
        self._group_V = node_groups(known, spec.num_groups)
        weights = torch.Generator().manual_seed(known.seed)
        self._network = PolicyNetwork(spec, known.dim, weights).to(known.device)
        self._diagnostics = EpochDiagnostics(spec, self._group_V)
        self._learner = Learner(spec, self._network)
        self._thresholds = ThresholdEstimator(spec, known.device)
        self._generator = torch.Generator(known.device).manual_seed(known.seed)
        self._explore, self._tasks_seen, self._epoch = explore, 0, 1

    @torch.no_grad()
    def act(self, task: Task) -> Selection:
        """Draw negatives and a temperature for each anchor, and record the transition to learn from."""
        spec, state = self._spec, State.of(task, self._degree_V, self._group_V)
        heads = self._network(state.features(), state.backbone_temperature)
        count = num_negatives(
            spec.num_negatives, num_nodes=len(self._degree_V), num_candidates=state.num_candidates
        )
        learned_R = self._sample_anchors(state)
        noise = self._noise(state, len(learned_R))
        learned = state.rows(learned_R)
        features = candidate_features(learned, spec)
        thresholds = self._update_thresholds(learned, features)
        max_positive = thresholds.max_positive if self._thresholds.excludes_similar else None
        learned = exclude_similar(learned, features, max_positive)
        logit_RN = pool_logits(learned, heads.rows(learned_R), features)
        index_RAM = draw_indices(logit_RN, learned.excluded_BN, count, noise, actions=spec.num_actions)
        temperature_B, temperature_RA = self._draw_temperatures(heads, learned_R)
        target_R = self._target_temperature(state)[learned_R]
        action = Action(index_RAM, temperature_RA)
        transition = Transition(learned, features, action, thresholds, target_R)
        if self._epoch <= spec.warmup_epochs:
            negative_BN = draw_uniform_mask(task, count, self._generator)
            return Selection(negative_BN=negative_BN, transition=transition)

        builder = SelectionBuilder(state, heads, count, spec)
        if len(learned_R) < state.num_anchors:
            builder.draw_all(max_positive, noise, keep_cosines=task.takes_cosines)
        builder.write(learned_R, learned, logit_RN, index_RAM[:, 0])
        return builder.selection(self._applied_temperature(temperature_B, state), transition)

    def learn(self, selections: Sequence[Selection]) -> Mapping[str, Tensor]:
        """Learn from the recorded transitions; return the step's rewards, losses and more by name."""
        self._tasks_seen = 0
        recorded = [selection.transition for selection in selections]
        transitions = [transition for transition in recorded if isinstance(transition, Transition)]
        if not transitions:
            return {}
        scalars = self._diagnostics.add(transitions, self._learner.update(transitions))
        return {f"policy/{name}": value for name, value in scalars.items()}

    def on_epoch(self, epoch: int) -> None:
        """Start the sums of a new epoch; the sums of an epoch that resumes are kept."""
        if epoch != self._epoch:
            self._diagnostics.restart()
        self._epoch = epoch

    def diagnostics(self) -> Json:
        """Return the report of the epoch so far, see `epoch_report`."""
        return self._diagnostics.read()

    def state_dict(self) -> dict[str, Any]:
        """Return network, optimizer, threshold estimates, sums of the epoch, and state of the generator."""
        return {
            **{f"network/{name}": value.clone() for name, value in self._network.state_dict().items()},
            **{f"optimizer/{name}": value for name, value in self._learner.state_dict().items()},
            **{f"diagnostics/{name}": value.clone() for name, value in self._diagnostics.totals.items()},
            "warned": self._diagnostics.warned.clone(),
            "thresholds": self._thresholds.value_T5.clone(),
            "generator": self._generator.get_state(),
            "epoch": torch.tensor(self._epoch),
        }

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Restore what `state_dict` returned, so that the run continues with the same bits."""
        self._network.load_state_dict(under_prefix("network", state_dict))
        self._learner.load_state_dict(under_prefix("optimizer", state_dict))
        self._diagnostics.load(under_prefix("diagnostics", state_dict))
        self._diagnostics.warned = state_dict["warned"].cpu().clone()
        self._thresholds.value_T5 = state_dict["thresholds"].to(self._degree_V.device).clone()
        self._generator.set_state(state_dict["generator"].cpu())
        self._epoch, self._tasks_seen = int(state_dict["epoch"]), 0

    def _sample_anchors(self, state: State) -> Tensor:
        device = state.unit_ND.device
        order_B = torch.randperm(state.num_anchors, generator=self._generator, device=device)
        return order_B[: self._spec.policy_anchors]

    def _noise(self, state: State, num_learned: int) -> Noise | None:
        if not self._explore:
            return None
        num_rows = state.num_anchors + self._spec.num_actions * num_learned
        return Noise(num_rows, state.num_candidates, self._generator, like=state.unit_ND)

    def _update_thresholds(self, state: State, features: CandidateFeatures) -> Thresholds:
        task_index, self._tasks_seen = self._tasks_seen, self._tasks_seen + 1
        return self._thresholds.update(task_index, features, state.excluded_BN, self._generator)

    def _draw_temperatures(self, heads: HeadOutputs, learned_R: Tensor) -> tuple[Tensor, Tensor]:
        """Draw a temperature for each anchor, [B], and A of them for the anchors in `learned_R`.

        The first of the A temperatures is the one that the loss applies.
        """
        num_more = self._spec.num_actions - 1
        if not self._explore:
            return heads.mean_B, heads.mean_B[learned_R, None].expand(-1, num_more + 1)
        temperature_B = _draw_normal(heads.mean_B, heads.std_B, self._generator)
        mean_RA = heads.mean_B[learned_R, None].expand(-1, num_more)
        more_RA = _draw_normal(mean_RA, heads.std_B[learned_R, None], self._generator)
        return temperature_B, torch.cat([temperature_B[learned_R, None], more_RA], dim=1)

    def _applied_temperature(self, temperature_B: Tensor, state: State) -> Tensor | None:
        """Return the temperatures for the loss; None keeps the backbone's."""
        spec = self._spec
        if not spec.learn_temperature:
            return None
        applied_B = temperature_B.clamp(spec.temperature_min, spec.temperature_max)
        if not spec.relative_temperature:
            return applied_B
        return applied_B * (state.backbone_temperature / applied_B.mean())

    def _target_temperature(self, state: State) -> Tensor:
        return target_temperature(
            state.degree_B,
            scale=self._spec.target_temperature_scale,
            slope=self._spec.target_temperature_slope,
            backbone_temperature=state.backbone_temperature,
        )


def _draw_normal(mean: Tensor, std: Tensor, generator: torch.Generator) -> Tensor:
    noise = torch.randn(mean.shape, generator=generator, device=mean.device, dtype=mean.dtype)
    return mean + std * noise
