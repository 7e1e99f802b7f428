"""One update of the policy from the transitions of a step (LGHRec, algorithm 1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from lghrec_compute.policy.advantage import Advantages, Rewards, compute_advantages, compute_rewards
from lghrec_compute.policy.distributions import LogProbabilities, PolicyOutput, evaluate_actions
from lghrec_compute.policy.loss import ClippedSurrogate, clipped_surrogate, hgpo_loss
from lghrec_compute.policy.network import PolicyNetwork
from lghrec_compute.policy.state import Transition
from lghrec_compute.spec.policy import HgpoPolicy
from lghrec_compute.state_tensors import load_optimizer_tensors, optimizer_tensors

_MAX_GRADIENT_NORM = 1.0


class Update(NamedTuple):
    """One update: rewards and outputs, with one element per task, and scalars.

    `outputs`, `loss` and `group_variance` are those of the first optimizer step, `surrogates` and
    `gradient_norm` those of the last, where the new policy is farthest from the one that acted.
    """

    rewards: list[Rewards]
    outputs: list[PolicyOutput]
    surrogates: list[ClippedSurrogate]
    loss: Tensor
    group_variance: Tensor
    gradient_norm: Tensor


class Learner:
    """Adam on the loss of HGPO: `update_epochs` steps on the same actions, with gradients clipped to norm 1.

    The paper has one step per iteration. With one step the ratio of new to old probabilities is always 1,
    so that the clipping of eq 9 never acts; the default is two.
    """

    def __init__(self, spec: HgpoPolicy, network: PolicyNetwork) -> None:
        self._spec, self._network = spec, network
        self._optimizer = torch.optim.Adam(network.parameters(), lr=spec.learning_rate, fused=True)

    def update(self, transitions: Sequence[Transition]) -> Update:
        """Learn from the transitions of one step, one per task."""
        rewards = [compute_rewards(transition, self._spec) for transition in transitions]
        advantages = [
            compute_advantages(reward, transition.state.group_B, self._spec)
            for reward, transition in zip(rewards, transitions, strict=True)
        ]
        first, old = self._step(transitions, rewards, advantages, None)
        last = first
        for _ in range(self._spec.update_epochs - 1):
            last, _ = self._step(transitions, rewards, advantages, old)
        return first._replace(surrogates=last.surrogates, gradient_norm=last.gradient_norm)

    def _step(
        self,
        transitions: Sequence[Transition],
        rewards: list[Rewards],
        advantages: list[Advantages],
        old: list[LogProbabilities] | None,
    ) -> tuple[Update, list[LogProbabilities]]:
        """Make one step of Adam; `old` None means that the current weights are those that acted."""
        outputs = [
            evaluate_actions(self._network, transition, reward, self._spec)
            for transition, reward in zip(transitions, rewards, strict=True)
        ]
        old = old or [output.log_probabilities.detached() for output in outputs]
        surrogates = [
            clipped_surrogate(output.log_probabilities, before, advantage, self._spec)
            for output, before, advantage in zip(outputs, old, advantages, strict=True)
        ]
        groups = [transition.state.group_B for transition in transitions]
        loss, variance = hgpo_loss(outputs, surrogates, groups, self._spec)
        self._optimizer.zero_grad(set_to_none=True)
        loss.backward()
        norm = nn.utils.clip_grad_norm_(self._network.parameters(), _MAX_GRADIENT_NORM)
        self._optimizer.step()
        return Update(rewards, outputs, surrogates, loss.detach(), variance.detach(), norm), old

    def state_dict(self) -> dict[str, Any]:
        """Return a copy of the moments of the optimizer, by parameter index and name."""
        return {name: value.clone() for name, value in optimizer_tensors(self._optimizer).items()}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Restore the moments; the learning rate is that of the spec."""
        copies = {name: value.clone() for name, value in state_dict.items()}
        load_optimizer_tensors(self._optimizer, copies)
