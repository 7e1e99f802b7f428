"""What every backbone is: an ego table, an encoding, and the losses of one step. Shapes: types.py.

A backbone knows the graph and the losses; it never sees a policy, an optimizer or a data set. A new one is
one file with one class: `encode`, usually one line, and `contrasts`, if it has any.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import embedding

from lghrec_compute.backbones.ego import EgoTable
from lghrec_compute.graph import Graph
from lghrec_compute.objectives import Contrast


class Triple(NamedTuple):
    """Users, positive items and negative items of a batch: rows [B, D] each, or node ids [B] each."""

    user: Tensor
    positive: Tensor
    negative: Tensor


@dataclass(frozen=True)
class Step:
    """What one batch asks of the optimizer.

    `ranking`: final rows for BPR, or None where the contrast is the whole loss. `ego`: rows to shrink.
    `extra`: further losses by name, already weighted.
    """

    ranking: Triple | None
    ego: tuple[Tensor, ...]
    contrasts: tuple[Contrast, ...] = ()
    extra: Mapping[str, Tensor] = field(default_factory=dict)


class Backbone(nn.Module, ABC):
    """Base class. Ids are int64 on the graph's device; users count from 0, and so do items."""

    def __init__(self, graph: Graph, ego: EgoTable) -> None:
        super().__init__()
        self.graph = graph
        self.ego = ego

    @abstractmethod
    def encode(self, ego_VD: Tensor) -> Tensor:
        """Final embeddings [V, D] of ego rows [V, D], without noise; scores are their dot products."""

    def contrasts(self, nodes_VD: Tensor, rows: Triple, ids: Triple) -> tuple[Contrast, ...]:  # noqa: ARG002
        """The contrast tasks of a batch with final embeddings `nodes_VD`; none by default."""
        return ()

    def on_epoch(self, epoch: int, *, resumed: bool) -> None:
        """Called before each epoch, counted from 1; `resumed` where a run goes on in the middle of one.

        What is drawn here depends on seed and `epoch` alone; else it lies in a persistent buffer, which the
        resumed run has back already.
        """

    def step(self, user_B: Tensor, positive_B: Tensor, negative_B: Tensor) -> Step:
        """The losses' inputs for one batch of (user, item of theirs, item not of theirs)."""
        num_users = self.graph.num_users
        ids = Triple(user_B, positive_B + num_users, negative_B + num_users)
        ego_VD = self.ego()
        nodes_VD = self.encode(ego_VD)
        ranking = gather(nodes_VD, ids)
        ego = ranking if nodes_VD is ego_VD else gather(ego_VD, ids)
        return Step(ranking, ego, self.contrasts(nodes_VD, ranking, ids))

    @torch.no_grad()
    def embeddings(self) -> tuple[Tensor, Tensor]:
        """Final embeddings of users [U, D] and items [I, D] for ranking by dot product; no gradient."""
        nodes_VD = self.encode(self.ego()).detach()
        return nodes_VD[: self.graph.num_users], nodes_VD[self.graph.num_users :]


def gather(nodes_VD: Tensor, ids: Triple) -> Triple:
    """Rows of a triple of node ids, in one gather: its gradient is then one table and not three."""
    rows = embedding(torch.cat(ids), nodes_VD)
    return Triple(*rows.split(len(ids.user)))
