"""The policy of the published losses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from torch import Tensor

from lghrec_compute.json_types import Json
from lghrec_compute.policy.base import Selection, Task


class Native:
    """Selects every candidate that is not excluded, at the backbone's temperature. It learns nothing."""

    def act(self, task: Task) -> Selection:  # noqa: ARG002
        """Select all candidates."""
        return Selection()

    def learn(self, selections: Sequence[Selection]) -> Mapping[str, Tensor]:  # noqa: ARG002
        """Learn nothing."""
        return {}

    def on_epoch(self, epoch: int) -> None:
        """Do nothing: all epochs are alike."""

    def diagnostics(self) -> Json:
        """Report nothing."""
        return {}

    def state_dict(self) -> dict[str, Any]:
        """Return the empty state."""
        return {}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Accept the empty state only."""
        assert not state_dict, sorted(state_dict)
