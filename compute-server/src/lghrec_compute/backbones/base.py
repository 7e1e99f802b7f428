"""Base class of all backbones: an ego table, an encoder, and the losses of one step.

A backbone knows the graph and its losses. It knows no policy, no optimizer and no data set. A new backbone is
one module with one class, which implements `encode` and usually `contrasts`; see docs/writing-a-backbone.md.

Shapes: B rows of the batch, D embedding size, I items, R rows, U users, V nodes (users, then items).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Generic, TypeVar, get_args

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
from lghrec_compute.spec.backbone import BackboneOptions

S = TypeVar("S", bound=BackboneOptions)

_ITEMS_PER_ROW = 2
"""Number of items per row of a batch above which semantic ids are gathered for the rows of the batch only."""


@dataclass(frozen=True)
class Step:
    """Inputs of the losses of one batch.

    `ranking`: final embeddings for BPR. None means that the contrast is the whole loss, or that `extra`
    contains the ranking loss. `penalty`: the squared norm to be penalised, not yet weighted. `contrasts`:
    tasks of the backbone's own contrasts. `structural`: tasks of the structural contrast that a policy
    requested. `extra`: further losses by name, already weighted.
    """

    ranking: Triple | None
    penalty: Tensor | None = None
    contrasts: tuple[Contrast, ...] = ()
    structural: tuple[Contrast, ...] = ()
    extra: Mapping[str, Tensor] = field(default_factory=dict)


@dataclass(frozen=True)
class StepRequest:
    """Contrasts that a policy requests from a step.

    `pools`: candidates of the backbone's own contrasts. None means the pools of the published loss.
    `structural`: the structural contrast to be added. None adds none.
    """

    pools: CandidatePools | None = None
    structural: StructuralContrast | None = None


class Backbone(nn.Module, ABC, Generic[S]):
    """Base class of backbones with the options `S`: `class SimGcl(Backbone[SimGclBackbone])`.

    The type argument also registers the class as the backbone of these options. Ids are int64 on the device
    of the graph. The ids of users start at 0, and so do the ids of items.
    """

    classes: ClassVar[dict[type[BackboneOptions], type[Backbone[Any]]]] = {}
    """Backbone class of each options class."""

    step_tables: int = 6
    """Number of tables [V, D] that a step keeps at its peak of memory, for the estimate of memory."""
    bytes_per_interaction: int = 0
    """Memory of other data, such as further graphs, for the same estimate."""
    needs_rows_only: bool = False
    """True if the encoder is linear, and a step reads the final embeddings of its batch only."""
    structural_layers: int = 2
    """Layer k that the structural contrast uses. With an even k, a user's embedding aggregates users only
    (items likewise)."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        for base in cls.__dict__.get("__orig_bases__", ()):
            for options in get_args(base):
                Backbone.classes[options] = cls

    def __init__(self, inputs: Inputs, spec: S) -> None:
        super().__init__()
        self.inputs = inputs
        self.spec = spec
        self.graph = inputs.graph
        self.ego = inputs.ego
        self._split: RowSplit | None = None

    @abstractmethod
    def encode(self, ego_VD: Tensor) -> Tensor:
        """Return the final embeddings [V, D] for ego embeddings [V, D], without noise.

        The score of a user and an item is the dot product of their final embeddings.
        """

    def encode_training(self, ego_VD: Tensor) -> Tensor:
        """Return the embeddings that a training step uses: `encode`, unless a backbone trains with noise."""
        return self.encode(ego_VD)

    def contrasts(self, context: StepContext) -> tuple[Contrast, ...]:  # noqa: ARG002
        """Return the contrast tasks of a batch. The default is none.

        If `context.pools` is None, the tasks are those of the published loss. Otherwise the pools contain the
        candidates. Each row of the batch is then an anchor, its positive is given as a vector, and a
        candidate that is the anchor itself or a positive of it is excluded.
        """
        return ()

    def structural_view(self, context: StepContext) -> Tensor | None:
        """Return z^(k) of all nodes [V, D] for the structural contrast, or None without graph layers."""
        if not self.spec.has_graph_layers:
            return None
        return layer_alone(context.ego_VD, self.graph.adjacency, self.structural_layers)

    def on_epoch(self, epoch: int, *, resumed: bool) -> None:
        """Prepare an epoch. It is called before each epoch, and epochs start at 1.

        `resumed` means that the run resumes within this epoch. Everything that is drawn here must depend only
        on the seed and `epoch`, or be stored in a persistent buffer, which the resumed run has loaded.
        """

    def step(
        self, user_B: Tensor, positive_B: Tensor, negative_B: Tensor, request: StepRequest = StepRequest()
    ) -> Step:
        """Return the inputs of the losses for one batch.

        Each row of the batch contains a user, a train item of the user, and an item without an interaction.
        """
        num_users = self.graph.num_users
        ids = Triple(user_B, positive_B + num_users, negative_B + num_users)
        if request == StepRequest() and self._splits(len(user_B)):
            return self._step_by_rows(ids)
        ego_VD = self.ego()
        nodes_VD = self.encode_training(ego_VD)
        rows = gather(nodes_VD, ids)
        context = StepContext(ego_VD, nodes_VD, rows, ids, request.pools)
        penalty = squared_norm_of(ego_VD, *ids)
        # the order of the calls is the order in which gradients are added up
        contrasts = self.contrasts(context)
        structural = self._structural(context, request.structural)
        return self.losses(context, Step(rows, penalty, contrasts, structural))

    def losses(self, context: StepContext, step: Step) -> Step:  # noqa: ARG002
        """Return the step with changed or further losses. The default changes nothing."""
        return step

    @torch.no_grad()
    def embeddings(self) -> tuple[Tensor, Tensor]:
        """Return the final embeddings of users [U, D] and items [I, D] for ranking, without gradient."""
        nodes_VD = self.encode(self.ego()).detach()
        return nodes_VD[: self.graph.num_users], nodes_VD[self.graph.num_users :]

    def _splits(self, num_rows: int) -> bool:
        """True if the batch has so few rows, relative to the items, that `RowSplit` is faster."""
        many_items = self.graph.num_items > _ITEMS_PER_ROW * 3 * num_rows
        return many_items and self.needs_rows_only and isinstance(self.ego.fusion, LinearFusion)

    def _step_by_rows(self, ids: Triple) -> Step:
        if self._split is None:
            self._split = RowSplit(self.ego, self.encode, identity=not self.spec.has_graph_layers)
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

    def _structural(
        self, context: StepContext, structural: StructuralContrast | None
    ) -> tuple[Contrast, ...]:
        if structural is None:
            return ()
        layer_VD = self.structural_view(context)
        assert layer_VD is not None, "the spec allows no structural contrast without graph layers"
        return structural_contrasts(self.inputs, context, layer_VD, structural)


def gather(nodes_VD: Tensor, ids: Triple) -> Triple:
    """Return the embeddings of a triple of node ids. One gather has one table of gradients, and not three."""
    return Triple(*embedding_each(nodes_VD, *ids))


def layer_alone(ego_VD: Tensor, adjacency: Tensor, num_layers: int) -> Tensor:
    """Return A^k E, the embeddings of layer k without those of the other layers."""
    for _ in range(num_layers):
        ego_VD = propagate(ego_VD, adjacency, 1, keep_layer_zero=False)
    return ego_VD
