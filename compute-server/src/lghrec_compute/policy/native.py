"""The policy of the published losses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from torch import Tensor

from lghrec_compute.json_types import Json
from lghrec_compute.policy.base import PolicyInput, Selection, Task


class Native:
    """Every allowed candidate is a negative, at the backbone's own temperature; there is nothing to learn."""

    def __init__(self, known: PolicyInput | None = None) -> None:
        """Needs to know nothing."""

    def act(self, task: Task) -> Selection:  # noqa: ARG002
        """Chooses all."""
        return Selection()

    def learn(self, selections: Sequence[Selection]) -> Mapping[str, Tensor]:  # noqa: ARG002
        """Learns nothing."""
        return {}

    def on_epoch(self, epoch: int) -> None:
        """Nothing changes."""

    def diagnostics(self) -> Json:
        """Nothing to tell."""
        return {}

    def state_dict(self) -> dict[str, Any]:
        """Empty."""
        return {}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Takes the empty state only."""
        assert not state_dict, sorted(state_dict)
