"""Builds the backbone of a train spec from stored artifacts."""

from __future__ import annotations

import torch
from torch import nn

from lghrec_compute.backbones import Backbone, EgoTable, Inputs, build_backbone
from lghrec_compute.backbones.parts.item_graph import WithNeighbors
from lghrec_compute.data.dataset import Dataset
from lghrec_compute.dseg.fuse import FUSIONS
from lghrec_compute.dseg.neighbors import item_edges
from lghrec_compute.dseg.store import open_vectors
from lghrec_compute.errors import ConfigError
from lghrec_compute.graph import build_graph
from lghrec_compute.pipelines.context import RunContext
from lghrec_compute.pipelines.progress import ticker
from lghrec_compute.pipelines.side_information import load_side_information
from lghrec_compute.spec import TrainSpec


def assemble(spec: TrainSpec, dataset: Dataset, device: torch.device, context: RunContext) -> Backbone:
    """Returns the backbone before its first training step, on `device`. `dataset` is the spec's data set.

    Raises `NotFoundError` if the semantic ids are missing, and `ConfigError` if they belong to another data
    set.
    """
    train = dataset.train
    graph = build_graph(train.user_E, train.item_E, dataset.num_users, dataset.num_items, device=device)
    fusion = load_fusion(spec, context)
    ego = EgoTable(dataset.num_users, dataset.num_items, spec.embedding_dim, seed=spec.seed, fusion=fusion)
    inputs = Inputs(graph, ego, spec.seed, *load_side_information(spec, dataset, device, context))
    return build_backbone(spec.backbone, inputs).to(device)


def load_fusion(spec: TrainSpec, context: RunContext) -> nn.Module | None:
    """Returns the fusion module of the frozen semantic ids. None means that the spec has no semantic ids.

    Raises `ConfigError` for semantic ids of another data set, because their rows belong to other items.
    """
    if spec.semantic_ids is None:
        return None
    semantic_ids = context.store.verified(spec.semantic_ids, "semantic_ids")
    if semantic_ids.meta["dataset"] != spec.dataset:
        wrong = (
            f"the semantic ids belong to another data set: got {semantic_ids.meta['dataset'][:12]}, "
            f"expected {spec.dataset[:12]}"
        )
        raise ConfigError.at("semantic_ids", wrong, hint="take both ids from one preprocess run")
    semantic_IC, mask_I = open_vectors(semantic_ids)
    fusion = FUSIONS[spec.fusion.method](
        torch.from_numpy(semantic_IC),
        torch.from_numpy(mask_I),
        dim=spec.embedding_dim,
        seed=spec.seed,
    )
    if not spec.fusion.neighbors:
        return fusion
    tick = ticker(context, "neighbors")
    edges = item_edges(semantic_IC, mask_I, num=spec.fusion.neighbors, tick=tick)
    return WithNeighbors(fusion, edges, num_items=len(mask_I), weight=spec.fusion.neighbor_weight)
