"""The interface of policies: a policy reads a contrastive task and selects its negatives and temperatures.

A policy never sees a backbone. Tasks reach it without gradients, and its selections carry no gradient into
the embeddings. A policy knows a task only by its shape (`Task`), so this package does not import the losses.

Shapes: B anchors, N candidates of the pool, D embedding size, V nodes (users first, then items).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import torch
from torch import Tensor

from lghrec_compute.json_types import Json


class CandidatePool(Protocol):
    """The candidates that all anchors of a task share."""

    @property
    def candidate_ND(self) -> Tensor:
        """Raw embeddings of the candidates."""
        ...


class Task(Protocol):
    """A contrastive task as a policy reads it."""

    @property
    def anchor_BD(self) -> Tensor:
        """Raw embeddings of the anchors."""
        ...

    @property
    def anchor_node_B(self) -> Tensor:
        """Node ids of the anchors in the graph."""
        ...

    @property
    def pool(self) -> CandidatePool:
        """The candidate pool."""
        ...

    @property
    def excluded_BN(self) -> Tensor | None:
        """True where a candidate is never a negative. None means that every candidate can be one."""
        ...

    @property
    def temperature(self) -> float:
        """The backbone's temperature."""
        ...

    @property
    def takes_cosines(self) -> bool:
        """Whether the loss can reuse the cosines of all anchors and candidates."""
        ...

    def positive_BD(self) -> Tensor:
        """Return the raw embedding of the main positive of each anchor."""
        ...


@dataclass(frozen=True)
class PolicyInput:
    """Facts about the run for a policy: the degree of each node, users first, and the embedding size."""

    degree_V: Tensor
    num_users: int
    dim: int
    seed: int
    device: torch.device


@dataclass
class Selection:
    """A policy's action on one task, in the form that the contrastive loss reads.

    `negative_BN` is True for the selected negatives; None selects every candidate that is not excluded.
    `temperature_B` is above 0; None keeps the backbone's temperature. `log_weight_BN` is the logarithm of the
    weight of each negative and broadcasts to [B, N]; None means the weight 1. `transition` holds the
    data that the policy needs to learn from this action; only the policy reads it. `cosine_BN` holds the
    cosines of all anchors and candidates, if the policy computed them and the task can reuse them.
    """

    negative_BN: Tensor | None = None
    temperature_B: Tensor | None = None
    log_weight_BN: Tensor | None = None
    transition: object | None = None
    cosine_BN: Tensor | None = field(default=None, compare=False)

    def take_cosines(self) -> Tensor | None:
        """Return `cosine_BN` and forget it, because the loss overwrites the matrix with its own terms."""
        cosine_BN, self.cosine_BN = self.cosine_BN, None
        return cosine_BN


class Policy(Protocol):
    """Selects negatives and temperatures, and can learn from its actions."""

    def act(self, task: Task) -> Selection:
        """Return the action on one task; the task has no gradients."""
        ...

    def learn(self, selections: Sequence[Selection]) -> Mapping[str, Tensor]:
        """Update the policy once from the selections of a step, after the update of the backbone.

        Returns scalars to report by name. The names are the same at every step of an epoch.
        """
        ...

    def on_epoch(self, epoch: int) -> None:
        """Start an epoch, counted from 1; called again for an epoch that is resumed."""

    def diagnostics(self) -> Json:
        """Return a report of the epoch that has just ended, as plain data; {} means nothing to report.

        The report can hold a list `warnings` of {"code", "message"}, which the run emits to the user.
        """
        ...

    def state_dict(self) -> dict[str, Any]:
        """Return all tensors, by name, that a resumed run needs to continue with the same bits."""
        ...

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> object:
        """Restore what `state_dict` returned."""
        ...
