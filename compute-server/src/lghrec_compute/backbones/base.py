"""What every backbone is: an ego table, an encoding, and the losses of one step. Shapes: types.py.

A backbone knows the graph and the losses; it never sees a policy, an optimizer or a data set. A new one is
one file with one class: `encode`, usually one line, and `contrasts`, if it has any.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from lghrec_compute.backbones.parts.inputs import (
    CandidatePools,
    Inputs,
    StepContext,
    StructuralContrast,
    Triple,
)
from lghrec_compute.backbones.parts.row_split import LinearFusion, RowSplit
from lghrec_compute.backbones.parts.structural import structural_contrasts
from lghrec_compute.graph import propagate
from lghrec_compute.objectives import Contrast, squared_norm, squared_norm_of
from lghrec_compute.objectives.gather import embedding, embedding_each

_WORTH = 2
"""Items for each row of a batch from which on the rows of the semantic ids are gathered one by one."""


@dataclass(frozen=True)
class Step:
    """What one batch asks of the optimizer.

    `ranking`: final rows for BPR, or None where the contrast is the whole loss or `extra` has the ranking.
    `penalty`: what is to shrink, not yet weighted. `extra`: further losses by name, already weighted.
    `structural`: the tasks that a policy has asked for beside the backbone's own.
    """

    ranking: Triple | None
    penalty: Tensor | None = None
    contrasts: tuple[Contrast, ...] = ()
    structural: tuple[Contrast, ...] = ()
    extra: Mapping[str, Tensor] = field(default_factory=dict)


@dataclass(frozen=True)
class StepRequest:
    """Contrasts that a policy requests from a step.

    `pools`: candidates of the backbone's own contrasts; None means the published pools. `structural`: the
    structural contrast to add; None means that there is none.
    """

    pools: CandidatePools | None = None
    structural: StructuralContrast | None = None


class Backbone(nn.Module, ABC):
    """Base class. Ids are int64 on the graph's device; users count from 0, and so do items."""

    step_tables: int = 6
    """Tables [V, D] that are alive at the worst moment of a step, for the estimate of memory."""
    bytes_an_interaction: int = 0
    """What else it keeps or needs for a moment, such as other graphs, for the same estimate."""
    needs_rows_only: bool = False
    """True where a step reads final embeddings of its batch's rows alone, and its encoder is linear."""
    structural_layers: int = 2
    """k of z^(k): of an even number of layers a user's is made of users, and an item's of items."""

    def __init__(self, inputs: Inputs) -> None:
        super().__init__()
        self.inputs = inputs
        self.graph = inputs.graph
        self.ego = inputs.ego
        self._split: RowSplit | None = None

    @abstractmethod
    def encode(self, ego_VD: Tensor) -> Tensor:
        """Final embeddings [V, D] of ego rows [V, D], without noise; scores are their dot products."""

    def encode_training(self, ego_VD: Tensor) -> Tensor:
        """What a step trains on: `encode`, unless a backbone trains with noise."""
        return self.encode(ego_VD)

    def contrasts(self, context: StepContext) -> tuple[Contrast, ...]:  # noqa: ARG002
        """The contrast tasks of a batch; none by default.

        Without `context.pools` they are the published ones. With it the pool of each is what was drawn: an
        anchor then is a row of the batch, its positive a vector of its own, and a candidate that is the
        anchor or positive to it is excluded.
        """
        return ()

    def structural_view(self, context: StepContext) -> Tensor | None:
        """z^(k) of all nodes [V, D] for the structural contrast; None for a backbone without layers."""
        return propagate_once(context.ego_VD, self.graph.adjacency, self.structural_layers)

    def on_epoch(self, epoch: int, *, resumed: bool) -> None:
        """Called before each epoch, counted from 1; `resumed` where a run goes on in the middle of one.

        What is drawn here depends on seed and `epoch` alone; else it lies in a persistent buffer, which the
        resumed run has back already.
        """

    def step(
        self, user_B: Tensor, positive_B: Tensor, negative_B: Tensor, request: StepRequest = StepRequest()
    ) -> Step:
        """The losses' inputs for one batch of (user, item of theirs, item not of theirs)."""
        num_users = self.graph.num_users
        ids = Triple(user_B, positive_B + num_users, negative_B + num_users)
        if request == StepRequest() and self._splits(len(user_B)):
            return self._step_by_rows(ids)
        ego_VD = self.ego()
        nodes_VD = self.encode_training(ego_VD)
        rows = gather(nodes_VD, ids)
        context = StepContext(ego_VD, nodes_VD, rows, ids, request.pools)
        penalty = squared_norm_of(ego_VD, *ids)
        return self.losses(
            context, Step(rows, penalty, self.contrasts(context), self._structural(context, request))
        )

    def losses(self, context: StepContext, step: Step) -> Step:  # noqa: ARG002
        """The step as it is; a backbone whose ranking, penalty or further losses differ puts them in here."""
        return step

    @torch.no_grad()
    def embeddings(self) -> tuple[Tensor, Tensor]:
        """Final embeddings of users [U, D] and items [I, D] for ranking by dot product; no gradient."""
        nodes_VD = self.encode(self.ego()).detach()
        return nodes_VD[: self.graph.num_users], nodes_VD[self.graph.num_users :]

    def _splits(self, num_rows: int) -> bool:
        """True where rows of the batch are fewer than items by so much that they are worth a detour."""
        worth = self.graph.num_items > _WORTH * 3 * num_rows
        return worth and self.needs_rows_only and isinstance(self.ego.fusion, LinearFusion)

    def _step_by_rows(self, ids: Triple) -> Step:
        if self._split is None:
            identity = getattr(self, "layers", 0) == 0
            self._split = RowSplit(self.ego, self.encode, identity=identity)
        ego_VD = self._split.id_part()
        nodes_VD = self.encode(ego_VD)
        node_R = torch.cat(ids)
        id_RD = embedding(node_R, nodes_VD)
        rows = Triple(*self._split.final_rows(id_RD, node_R).split(len(ids.user)))
        ego = rows
        if nodes_VD is not ego_VD:
            ego_RD = self._split.ego_rows(embedding(node_R, ego_VD), node_R)
            ego = ego_RD.split(len(ids.user))
        context = StepContext(ego_VD, nodes_VD, rows, ids)
        return self.losses(context, Step(rows, squared_norm(*ego), self.contrasts(context)))

    def _structural(self, context: StepContext, request: StepRequest) -> tuple[Contrast, ...]:
        if request.structural is None:
            return ()
        structural_VD = self.structural_view(context)
        assert structural_VD is not None, "the spec allows no structural contrast without layers"
        return structural_contrasts(self.inputs, context, structural_VD, request.structural)


def gather(nodes_VD: Tensor, ids: Triple) -> Triple:
    """Rows of a triple of node ids, in one gather: its gradient is then one table and not three."""
    return Triple(*embedding_each(nodes_VD, *ids))


def propagate_once(ego_VD: Tensor, adjacency: Tensor, num_layers: int) -> Tensor:
    """A^k E, one layer alone."""
    for _ in range(num_layers):
        ego_VD = propagate(ego_VD, adjacency, 1, keep_layer_zero=False)
    return ego_VD
