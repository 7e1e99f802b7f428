"""A backbone as a train spec has it, from stored artifacts; checkpoints are loaded into it."""

from __future__ import annotations

import torch

from lghrec_compute.backbones import Backbone, EgoTable, Inputs, build_backbone
from lghrec_compute.data.dataset import Dataset
from lghrec_compute.graph import build_graph
from lghrec_compute.pipelines.context import Context
from lghrec_compute.pipelines.side import load_side
from lghrec_compute.pipelines.train import load_fusion
from lghrec_compute.spec import TrainSpec


def assemble(spec: TrainSpec, dataset: Dataset, device: torch.device, context: Context) -> Backbone:
    """The backbone before its first step, on `device`; `dataset` is that of `spec.dataset`.

    Raises `NotFoundError` or `ConfigError` for semantic ids that are missing or of another data set.
    """
    train = dataset.train
    graph = build_graph(train.user_E, train.item_E, dataset.num_users, dataset.num_items, device=device)
    fusion = load_fusion(spec, context)
    ego = EgoTable(dataset.num_users, dataset.num_items, spec.embedding_dim, seed=spec.seed, fusion=fusion)
    inputs = Inputs(graph, ego, spec.seed, *load_side(spec, dataset, device, context))
    return build_backbone(spec.backbone, inputs).to(device)
