"""The control: random negatives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from lghrec_compute.json_types import Json
from lghrec_compute.policy.base import PolicyInput, Selection, Task
from lghrec_compute.policy.sampling import draw_uniform_mask, log_rescaling, num_negatives
from lghrec_compute.spec.policy import RandomPolicy


class Random:
    """Draws M of each anchor's candidates uniformly, at the backbone's temperature.

    `num_negatives` and `rescale_negatives` of the spec apply as for HGPO. The policy has its own generator,
    so that nothing else changes its draws.
    """

    def __init__(self, spec: RandomPolicy, known: PolicyInput) -> None:
        self._spec = spec
        self._num_nodes = len(known.degree_V)
        self._generator = torch.Generator(known.device).manual_seed(known.seed)

    def act(self, task: Task) -> Selection:
        """Draw the negatives of each anchor."""
        num_candidates = len(task.pool.candidate_ND)
        count = num_negatives(
            self._spec.num_negatives, num_nodes=self._num_nodes, num_candidates=num_candidates
        )
        negative_BN = draw_uniform_mask(task, count, self._generator)
        log_weight_BN = None
        if self._spec.rescale_negatives:
            log_weight_BN = log_rescaling(negative_BN, task.excluded_BN)
        return Selection(negative_BN=negative_BN, log_weight_BN=log_weight_BN)

    def learn(self, selections: Sequence[Selection]) -> Mapping[str, Tensor]:  # noqa: ARG002
        """Learn nothing."""
        return {}

    def on_epoch(self, epoch: int) -> None:
        """Do nothing: all epochs are alike."""

    def diagnostics(self) -> Json:
        """Report nothing."""
        return {}

    def state_dict(self) -> dict[str, Any]:
        """Return the state of the generator."""
        return {"generator": self._generator.get_state()}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Restore the state of the generator."""
        self._generator.set_state(state_dict["generator"].cpu())
