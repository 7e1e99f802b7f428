"""The control: negatives by chance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from lghrec_compute.json_types import Json
from lghrec_compute.policy.base import PolicyInput, Selection, Task
from lghrec_compute.policy.noise import Noise
from lghrec_compute.policy.select import forbid, num_negatives, rescaling, tiles, top_mask
from lghrec_compute.policy.view import candidates


class Random:
    """M of each anchor's allowed candidates, each set alike, at the backbone's own temperature.

    `num_negatives` None: a tenth of all nodes, at most half of the pool. `rescale_negatives` weighs the
    chosen up to the number of the allowed. Has a generator of its own: nothing else shifts its draws.
    """

    def __init__(
        self, known: PolicyInput, *, num_negatives: int | None, rescale_negatives: bool = False
    ) -> None:
        self._count, self._rescale = num_negatives, rescale_negatives
        self._num_nodes = len(known.degree_V)
        self._generator = torch.Generator(known.device).manual_seed(known.seed)

    def act(self, task: Task) -> Selection:
        """Draws the negatives of each anchor."""
        num_candidates = len(candidates(task))
        count = num_negatives(self._count, num_nodes=self._num_nodes, num_candidates=num_candidates)
        negative_BN = random_mask(task, count, self._generator)
        log_weight_BN = rescaling(negative_BN, task.excluded_BN) if self._rescale else None
        return Selection(negative_BN=negative_BN, log_weight_BN=log_weight_BN)

    def learn(self, selections: Sequence[Selection]) -> Mapping[str, Tensor]:  # noqa: ARG002
        """Learns nothing."""
        return {}

    def on_epoch(self, epoch: int) -> None:
        """All epochs are alike."""

    def diagnostics(self) -> Json:
        """Has nothing to tell."""
        return {}

    def state_dict(self) -> dict[str, Any]:
        """Where the generator stands."""
        return {"generator": self._generator.get_state()}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Takes back where the generator stood."""
        self._generator.set_state(state_dict["generator"].cpu())


def random_mask(task: Task, count: int, generator: torch.Generator) -> Tensor:
    """`count` allowed candidates of each anchor, each set alike, or all where they are fewer, [B, N]."""
    anchor_BD, excluded_BN = task.anchor_BD, task.excluded_BN
    num_anchors, num_candidates = len(anchor_BD), len(candidates(task))
    negative_BN = torch.empty(num_anchors, num_candidates, dtype=torch.bool, device=anchor_BD.device)
    noise = Noise(num_anchors, num_candidates, generator, like=anchor_BD, gumbel=False)
    for rows in tiles(num_anchors, num_candidates, anchor_BD.device):
        score_RN = noise.rows(rows.stop - rows.start)
        negative_BN[rows] = top_mask(
            forbid(score_RN, None if excluded_BN is None else excluded_BN[rows]), count
        )
    return negative_BN
