"""What a backbone is made of and what a step hands to it: plain records. Shapes: types.py."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from torch import Tensor

from lghrec_compute.backbones.parts.ego import EgoTable
from lghrec_compute.graph import Graph


class Triple(NamedTuple):
    """Users, positive items and negative items of a batch: rows [B, D] each, or node ids [B] each."""

    user: Tensor
    positive: Tensor
    negative: Tensor


@dataclass(frozen=True)
class Knowledge:
    """What is known beside the interactions, for backbones that use it; ids count from 0, int64.

    Things are the items and, behind them, entities (a brand, a director, a keyword): `head_E[e]` and
    `tail_E[e]` hang together. User `user_F[f]` has the interest `interest_F[f]`. Each pair is there once, an
    undirected one from one end.
    """

    head_E: Tensor
    tail_E: Tensor
    num_entities: int
    user_F: Tensor
    interest_F: Tensor
    num_interests: int


@dataclass(frozen=True)
class Inputs:
    """Everything a backbone is built from, beside its own options.

    `semantic_IC` are the semantic ids as they are stored, for a backbone that reads them itself; they reach
    the ego table by its fusion. `seed`: of whatever a backbone draws.
    """

    graph: Graph
    ego: EgoTable
    seed: int = 0
    semantic_IC: Tensor | None = None
    knowledge: Knowledge | None = None


@dataclass(frozen=True)
class CandidatePools:
    """Candidates of a step that a policy chooses from, shared by all its anchors; graph ids.

    `user_N`, `item_N`: distinct nodes of each type. `pair_user_N`, `pair_item_N`: ends of train interactions,
    for a loss whose candidates are pairs.
    """

    user_N: Tensor
    item_N: Tensor
    pair_user_N: Tensor
    pair_item_N: Tensor


@dataclass(frozen=True)
class StepContext:
    """What a step has computed: ego rows and final embeddings of all nodes [V, D], the batch's rows and ids.

    `pools` None means the published pools.
    """

    ego_VD: Tensor
    nodes_VD: Tensor
    rows: Triple
    ids: Triple
    pools: CandidatePools | None = None


@dataclass(frozen=True)
class StructuralContrast:
    """The structural contrast that a policy adds: its candidates, its weight and its own temperature."""

    pools: CandidatePools
    weight: float
    temperature: float
