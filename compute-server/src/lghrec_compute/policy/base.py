"""What a policy is: it sees a contrast task and answers which candidates are negatives, at which temperature.

Shapes: types.py. A policy never sees a backbone: tasks reach it detached, and what it answers carries no
gradient into the embeddings. It knows tasks by their shape only (`Task`), not by the room they come from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from torch import Tensor


class Task(Protocol):
    """The detached contrast task as a policy reads it."""

    @property
    def anchor_BD(self) -> Tensor:
        """Anchors, raw vectors."""
        ...

    @property
    def anchor_node_B(self) -> Tensor:
        """Their ids in the graph."""
        ...

    def cosine(self) -> Tensor:
        """Cosine of each anchor and candidate, [B, N] in [-1, 1]."""
        ...


@dataclass(frozen=True)
class Selection:
    """A policy's action on one task.

    `negative_BN`: bool, the candidates chosen as negatives; None chooses every allowed one. `temperature_B`:
    above 0; None keeps the backbone's own. `record`: what the policy needs to learn from the action.
    """

    negative_BN: Tensor | None = None
    temperature_B: Tensor | None = None
    record: Mapping[str, Tensor] = field(default_factory=dict)


class Policy(Protocol):
    """Chooses negatives and temperatures, and may learn from what it chose."""

    def act(self, task: Task) -> Selection:
        """Answers one detached task."""
        ...

    def learn(self, selections: Sequence[Selection]) -> Mapping[str, Tensor]:
        """One update from a step's selections, after the backbone's; returns scalars to report by name."""
        ...

    def state_dict(self) -> dict[str, Any]:
        """Tensors by name: all that a resumed run needs to go on to the bit."""
        ...

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> object:
        """Takes back what `state_dict` gave."""
        ...
