"""One update of the policy from the samples of a step. Shapes: types.py and sample.py."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from lghrec_compute.policy.judge import Verdict, judge
from lghrec_compute.policy.network import Network
from lghrec_compute.policy.objective import Gain, LogProbabilities, Outlook, gain, objective, outlook
from lghrec_compute.policy.options import Options
from lghrec_compute.policy.sample import Sample

_MAX_NORM = 1.0


class Update(NamedTuple):
    """What was done: verdicts on the samples, what the policy that acted made of them, and scalars.

    `gains` are of the last step, with the most distance between old policy and new; `loss` and `harmony` of
    the first.
    """

    verdicts: list[Verdict]
    outlooks: list[Outlook]
    gains: list[Gain]
    loss: Tensor
    harmony: Tensor
    gradient_norm: Tensor


class Learner:
    """Adam on the clipped objective, `update_epochs` steps on the same actions, gradients clipped at norm 1.

    With one step the ratio of new to old probabilities is 1 throughout, and clipping never acts.
    """

    def __init__(self, options: Options, network: Network) -> None:
        self._options, self._network = options, network
        self._optimizer = torch.optim.Adam(network.parameters(), lr=options.learning_rate, fused=True)

    def update(self, samples: Sequence[Sample]) -> Update:
        """Learns from one step's samples, one a task."""
        verdicts = [judge(sample, self._options) for sample in samples]
        first, old = self._step(samples, verdicts, None)
        last = first
        for _ in range(self._options.update_epochs - 1):
            last, _ = self._step(samples, verdicts, old)
        return first._replace(gains=last.gains, gradient_norm=last.gradient_norm)

    def _step(
        self, samples: Sequence[Sample], verdicts: list[Verdict], old: list[LogProbabilities] | None
    ) -> tuple[Update, list[LogProbabilities]]:
        """One step of Adam; `old` None: these weights are those that acted."""
        options = self._options
        outlooks = [
            outlook(self._network, sample, verdict, options)
            for sample, verdict in zip(samples, verdicts, strict=True)
        ]
        old = old or [seen.log_probabilities.detached() for seen in outlooks]
        gains = [
            gain(seen.log_probabilities, before, verdict, options)
            for seen, before, verdict in zip(outlooks, old, verdicts, strict=True)
        ]
        groups = [sample.standards.group_R for sample in samples]
        loss, harmony = objective(outlooks, gains, groups, options)
        self._optimizer.zero_grad(set_to_none=True)
        loss.backward()
        norm = nn.utils.clip_grad_norm_(self._network.parameters(), _MAX_NORM)
        self._optimizer.step()
        return Update(verdicts, outlooks, gains, loss.detach(), harmony.detach(), norm), old

    def state_dict(self) -> dict[str, Any]:
        """Moments of the optimizer by place and name."""
        return {
            f"{place}/{name}": value.clone()
            for place, moments in self._optimizer.state_dict()["state"].items()
            for name, value in moments.items()
        }

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Takes the moments back; the learning rate is the options'."""
        moments: dict[int, dict[str, Tensor]] = {}
        for path, value in state_dict.items():
            place, _, name = path.partition("/")
            moments.setdefault(int(place), {})[name] = value.clone()
        groups = self._optimizer.state_dict()["param_groups"]
        self._optimizer.load_state_dict({"state": moments, "param_groups": groups})
