"""Training setups on the checkerboard, and helpers for their tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from checkerboard import checkerboard, colour_vectors

from lghrec_compute.backbones import EgoTable, Inputs, Knowledge, build_backbone
from lghrec_compute.data.dataset import Dataset
from lghrec_compute.dseg.fuse import ConcatLinear
from lghrec_compute.errors import RunCancelled
from lghrec_compute.events import Event, Metric
from lghrec_compute.graph import build_graph
from lghrec_compute.policy import PolicyInput, build_policy
from lghrec_compute.spec import TrainSpec, parse, spec_digest
from lghrec_compute.training import Checkpoints, TrainingHooks, TrainingSetup, build_setup, make_deterministic

CPU = torch.device("cpu")


def train_spec(backbone: dict[str, Any], **fields: Any) -> TrainSpec:
    """Return a small, quick spec for the checkerboard. It stops by recall@2, which is 1 for a learnt
    board."""
    small = {
        "dataset": "0" * 64,
        "embedding_dim": 16,
        "batch_size": 128,
        "epochs": 30,
        "optimizer": {"learning_rate": 0.01},
        "early_stop": {"metric": "recall@2", "patience": 30},
    }
    return parse(TrainSpec, {**small, "backbone": backbone, **fields})


def make_setup(spec: TrainSpec, *, fused: bool = False, dataset: Dataset | None = None) -> TrainingSetup:
    """Return a training setup as the pipeline builds it, without artifacts."""
    make_deterministic(spec.seed)
    data = dataset or checkerboard()
    fusion = None
    vectors_IC = torch.from_numpy(colour_vectors(data.num_items))
    if fused:
        mask_I = torch.ones(data.num_items, dtype=torch.bool)
        fusion = ConcatLinear(vectors_IC, mask_I, dim=spec.embedding_dim, seed=spec.seed)
    graph = build_graph(data.train.user_E, data.train.item_E, data.num_users, data.num_items)
    ego = EgoTable(data.num_users, data.num_items, spec.embedding_dim, seed=spec.seed, fusion=fusion)
    known = PolicyInput(graph.degree_V, graph.num_users, spec.embedding_dim, spec.seed, CPU)
    semantic_IC = vectors_IC if fused else None
    inputs = Inputs(graph, ego, spec.seed, semantic_IC, colourless(data.num_users, data.num_items))
    return build_setup(
        spec, data, build_backbone(spec.backbone, inputs), build_policy(spec.policy, known), device=CPU
    )


def colourless(num_users: int, num_items: int) -> Knowledge:
    """Return four entities and five interests that do not depend on the colour."""
    user_F, item_E = torch.arange(num_users), torch.arange(num_items)
    entity_E, interest_F = item_E // 2 % 4 + num_items, user_F // 2 % 5
    return Knowledge(item_E, entity_E, 4, user_F, interest_F, 5)


class Recorder:
    """Record events, and request a stop before step `stop_after`, counted over the whole run."""

    def __init__(self, folder: Path, spec: TrainSpec, *, stop_after: int | None = None) -> None:
        self.events: list[Event] = []
        self._left = stop_after
        checkpoints = Checkpoints(folder, spec_digest=spec_digest("train", spec), emit=self.events.append)
        self.hooks = TrainingHooks(self.events.append, self._check_stop, checkpoints)

    def metrics(self, name: str) -> dict[int, float]:
        """Return the values of one metric by epoch."""
        return {
            event.step: event.value
            for event in self.events
            if isinstance(event, Metric) and event.name == name
        }

    def _check_stop(self) -> None:
        if self._left is None:
            return
        if self._left == 0:
            raise RunCancelled("the run has to stop")
        self._left -= 1


def tensors_of(setup: TrainingSetup) -> dict[str, torch.Tensor]:
    """Return copies of the backbone's tensors."""
    return {name: value.clone() for name, value in setup.backbone.state_dict().items()}


def assert_same_bits(left: dict[str, torch.Tensor], right: dict[str, torch.Tensor]) -> None:
    """Fail unless both have the same names and the same bits."""
    assert left.keys() == right.keys()
    for name, value in left.items():
        assert torch.equal(value, right[name]), name
