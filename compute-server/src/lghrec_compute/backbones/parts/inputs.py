"""Records that a backbone is built from, and that a training step passes to it.

Shapes: B rows of the batch, D embedding size, E edges of the knowledge graph, F interests of users, N
candidates, V nodes (users, then items), I items, C size of a semantic id.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from torch import Tensor

from lghrec_compute.backbones.parts.ego import EgoTable
from lghrec_compute.graph import Graph


class Triple(NamedTuple):
    """Users, positive items and negative items of a batch, as embeddings [B, D] each or node ids [B] each."""

    user: Tensor
    positive: Tensor
    negative: Tensor


@dataclass(frozen=True)
class Knowledge:
    """Side information for backbones that use it. All ids are int64 and start at 0.

    The knowledge graph connects items and entities, for example a brand, a director or a keyword. Entities
    are numbered after the items. An edge connects `head_E[e]` and `tail_E[e]`, and each edge is stored once,
    from one of its ends. User `user_F[f]` has the interest `interest_F[f]`, and each pair is stored once.
    """

    head_E: Tensor
    tail_E: Tensor
    num_entities: int
    user_F: Tensor
    interest_F: Tensor
    num_interests: int


@dataclass(frozen=True)
class Inputs:
    """Everything that a backbone is built from, in addition to its own options.

    `semantic_IC` contains the stored semantic ids, for a backbone that reads them directly. They reach the
    ego table through its fusion. `seed` is the seed of all random numbers that the backbone draws.
    """

    graph: Graph
    ego: EgoTable
    seed: int = 0
    semantic_IC: Tensor | None = None
    knowledge: Knowledge | None = None


@dataclass(frozen=True)
class CandidatePools:
    """Candidate negatives of one step, from which a policy selects. All anchors share them.

    All tensors contain node ids of the graph. `user_N` and `item_N` are distinct nodes of each type.
    `pair_user_N` and `pair_item_N` are the ends of train interactions, for a contrast between pairs.
    """

    user_N: Tensor
    item_N: Tensor
    pair_user_N: Tensor
    pair_item_N: Tensor


@dataclass(frozen=True)
class StepContext:
    """Results of the forward pass that the losses of a step use.

    `ego_VD` are the embeddings of all nodes before graph convolution, and `nodes_VD` the final embeddings.
    `rows` are the final embeddings of the batch, and `ids` its node ids. `pools` are the candidates of the
    backbone's contrasts. None means the pools of the published loss.
    """

    ego_VD: Tensor
    nodes_VD: Tensor
    rows: Triple
    ids: Triple
    pools: CandidatePools | None = None


@dataclass(frozen=True)
class StructuralContrast:
    """The structural contrast that a policy adds to a step: its candidates, its weight and its
    temperature."""

    pools: CandidatePools
    weight: float
    temperature: float
