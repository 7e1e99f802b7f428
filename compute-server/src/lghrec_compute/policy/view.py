"""A contrast task as HGPO sees it. Shapes: types.py; R some of the anchors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Protocol, runtime_checkable

import torch
from torch import Tensor
from torch.nn.functional import normalize

from lghrec_compute.policy.base import Task


class Candidates(Protocol):
    """The pool of a task."""

    @property
    def candidate_ND(self) -> Tensor:
        """Raw vectors."""
        ...


@runtime_checkable
class PooledTask(Protocol):
    """A task whose pool can be read and not only its cosines, which are too many to be taken at once."""

    @property
    def pool(self) -> Candidates:
        """All candidates."""
        ...


def candidates(task: Task) -> Tensor:
    """Raw vectors of the candidates, [N, D]."""
    assert isinstance(task, PooledTask), type(task)
    return task.pool.candidate_ND


class Cosines(NamedTuple):
    """Of each candidate with some anchors, and with their positives; None where no rule looks at those."""

    anchor_RN: Tensor
    positive_RN: Tensor | None

    def rows(self, row_R: slice) -> Cosines:
        """Those of some of the anchors."""
        return Cosines(*(None if part is None else part[row_R] for part in self))  # pyright: ignore

    def present(self) -> list[Tensor]:
        """One or both."""
        return [part for part in self if part is not None]


@dataclass(frozen=True)
class View:
    """Unit vectors of anchors and their positives, [B, 2, D], and of candidates; degrees of the anchors."""

    unit_B2D: Tensor
    unit_ND: Tensor
    node_B: Tensor
    degree_B: Tensor
    excluded_BN: Tensor | None
    native: float

    @staticmethod
    def of(task: Task, degree_V: Tensor) -> View:
        """Looks at a task; nothing of size [B, N] is made."""
        pair_B2D = torch.stack([task.anchor_BD, task.positive_BD()], dim=1)
        return View(
            _unit(pair_B2D),
            _unit(candidates(task)),
            task.anchor_node_B,
            degree_V.index_select(0, task.anchor_node_B),
            task.excluded_BN,
            task.temperature,
        )

    @property
    def num_anchors(self) -> int:
        """B."""
        return len(self.unit_B2D)

    @property
    def num_candidates(self) -> int:
        """N."""
        return len(self.unit_ND)

    def cosines(self, row_R: Tensor | slice, *, of_positives: bool, out_RN: Tensor | None = None) -> Cosines:
        """Cosines of all candidates with some anchors, written to `out_RN` if given, and with their positives
        if asked for.
        """
        unit_R2D = self.unit_B2D[row_R]
        anchor_RN = torch.mm(unit_R2D[:, 0], self.unit_ND.T, out=out_RN)
        return Cosines(anchor_RN, unit_R2D[:, 1] @ self.unit_ND.T if of_positives else None)

    def forbidden(self, row_R: Tensor | slice) -> Tensor | None:
        """True where a candidate is never a negative, [R, N]."""
        return None if self.excluded_BN is None else self.excluded_BN[row_R]


def _unit(vector: Tensor) -> Tensor:
    """Unit vectors, 0 where not finite: a trainer tells of a broken encoder, interpolation at NaN crashes."""
    return normalize(vector, dim=-1).nan_to_num_(nan=0.0)
