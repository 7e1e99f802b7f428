"""What a policy is: it sees a contrast task and answers which candidates are negatives, at which temperature.

Shapes: types.py. A policy never sees a backbone: tasks reach it detached, and what it answers carries no
gradient into the embeddings. It knows tasks by their shape only (`Task`), not by the room they come from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import torch
from torch import Tensor

from lghrec_compute.json_types import Json


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

    @property
    def temperature(self) -> float:
        """The backbone's own."""
        ...

    @property
    def excluded_BN(self) -> Tensor | None:
        """True where a candidate is never a negative; None: all may be."""
        ...

    @property
    def takes_cosines(self) -> bool:
        """Whether the loss can go on from all cosines of anchors and candidates."""
        ...

    def positive_BD(self) -> Tensor:
        """The main positive of each anchor, a raw vector."""
        ...

    def cosine(self) -> Tensor:
        """Cosine of each anchor and candidate, [B, N] in [-1, 1]."""
        ...

    def positive_cosine(self) -> Tensor:
        """Cosine of each anchor's main positive and candidate, [B, N] in [-1, 1]."""
        ...


@dataclass(frozen=True)
class PolicyInput:
    """What a policy knows of the run: degrees of all nodes, users first, and the size of an embedding."""

    degree_V: Tensor
    num_users: int
    dim: int
    seed: int
    device: torch.device


@dataclass
class Handover:
    """A matrix [B, N] that is given on once: who takes it may write over it."""

    _value_BN: Tensor | None = None

    @property
    def given(self) -> bool:
        """Whether there is one to take."""
        return self._value_BN is not None

    def take(self) -> Tensor | None:
        """The matrix, or None where there was none or it has been taken."""
        value_BN, self._value_BN = self._value_BN, None
        return value_BN


@dataclass(frozen=True)
class Selection:
    """A policy's action on one task.

    `negative_BN`: bool, the candidates chosen as negatives; None chooses every allowed one. `temperature_B`:
    above 0; None keeps the backbone's own. `log_weight_BN`: logarithm of how much each negative counts,
    broadcasting to [B, N]; None: 0. `record`: what the policy needs to learn from the action. `cosines`: of
    all anchors and candidates, if the policy had to know them and the task takes them.
    """

    negative_BN: Tensor | None = None
    temperature_B: Tensor | None = None
    log_weight_BN: Tensor | None = None
    record: Mapping[str, Any] = field(default_factory=dict)
    cosines: Handover = field(default_factory=Handover, compare=False)


class Policy(Protocol):
    """Chooses negatives and temperatures, and may learn from what it chose."""

    def act(self, task: Task) -> Selection:
        """Answers one detached task."""
        ...

    def learn(self, selections: Sequence[Selection]) -> Mapping[str, Tensor]:
        """One update from a step's selections, after the backbone's; returns scalars to report by name.

        The names are the same at every step of an epoch.
        """
        ...

    def on_epoch(self, epoch: int) -> None:
        """Called before each epoch, counted from 1, also where a run goes on in the middle of one."""

    def diagnostics(self) -> Json:
        """What the epoch just done was like, as plain data; empty for a policy with nothing to tell.

        A list of `warnings`, each {"code", "message"}, reaches the user.
        """
        ...

    def state_dict(self) -> dict[str, Any]:
        """Tensors by name: all that a resumed run needs to go on to the bit."""
        ...

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> object:
        """Takes back what `state_dict` gave."""
        ...
