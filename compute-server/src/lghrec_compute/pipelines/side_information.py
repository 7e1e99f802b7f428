"""Loads the side information that some backbones read in addition to interactions and the ego table."""

from __future__ import annotations

import pyarrow.parquet as pq
import torch
from torch import Tensor

from lghrec_compute.backbones import Knowledge
from lghrec_compute.data import store
from lghrec_compute.data.dataset import Dataset
from lghrec_compute.data.side_information import ItemKnowledge, SideInformation
from lghrec_compute.dseg.store import open_vectors
from lghrec_compute.errors import ConfigError
from lghrec_compute.events import Log
from lghrec_compute.pipelines.context import RunContext
from lghrec_compute.pipelines.keyword_knowledge import keyword_interests, keyword_knowledge
from lghrec_compute.spec import TrainSpec


def load_side_information(
    spec: TrainSpec, dataset: Dataset, device: torch.device, context: RunContext
) -> tuple[Tensor | None, Knowledge | None]:
    """Returns the stored semantic ids, and knowledge of items and users.

    Each of the two is None if the backbone does not read it. Knowledge comes from the data set. If the data
    set has none, it is computed from the keywords of the semantic ids. Raises `ConfigError` if both are
    missing.
    """
    match spec.backbone.name:
        case "autograph":
            return _vectors(spec, device, context), None
        case "cikg":
            return None, _knowledge(spec, dataset, device, context)
        case _:
            return None, None


def _vectors(spec: TrainSpec, device: torch.device, context: RunContext) -> Tensor | None:
    if spec.semantic_ids is None:
        return None
    semantic_IC, _ = open_vectors(context.store.get(spec.semantic_ids, "semantic_ids"))
    return torch.from_numpy(semantic_IC).to(device)


def _knowledge(spec: TrainSpec, dataset: Dataset, device: torch.device, context: RunContext) -> Knowledge:
    given = store.load_side_information(context.store.get(spec.dataset, "dataset"))
    known, liked = given.knowledge, given.interests
    if known is None or liked is None:
        clusters = _clusters(spec, given, context)
        known, liked = known or clusters, liked or keyword_interests(dataset, clusters)
        context.emit(
            Log(
                f"knowledge: {len(known.head_E):,} pairs, {known.num_entities:,} entities; "
                f"{len(liked.user_F):,} interests of users, {liked.num_interests:,} different"
            )
        )
    head_E, tail_E, user_F, interest_F = (
        torch.from_numpy(ids).to(device)
        for ids in (known.head_E, known.tail_E, liked.user_F, liked.interest_F)
    )
    return Knowledge(head_E, tail_E, known.num_entities, user_F, interest_F, liked.num_interests)


def _clusters(spec: TrainSpec, given: SideInformation, context: RunContext) -> ItemKnowledge:
    """Returns keyword clusters of the items, for the side information that the data set does not contain."""
    parts = {"knowledge of items": given.knowledge, "interests of users": given.interests}
    lacking = " and no ".join(name for name, part in parts.items() if part is None)
    if spec.semantic_ids is None:
        raise _refusal(f"{spec.backbone.name} needs side information: the data set has no {lacking}")
    texts = context.store.get(spec.semantic_ids, "semantic_ids").path("texts.parquet")
    keywords = pq.read_table(texts, columns=["keywords"])["keywords"].to_pylist()
    clusters = keyword_knowledge(keywords, seed=spec.seed)
    if not clusters.num_entities:
        raise _refusal(f"the data set has no {lacking}, and the semantic ids have no keywords")
    context.emit(Log(f"the data set has no {lacking}: computed from keyword clusters of the semantic ids"))
    return clusters


def _refusal(wrong: str) -> ConfigError:
    return ConfigError.at(
        "semantic_ids",
        wrong,
        hint="set semantic_ids, whose keywords replace them, or preprocess with source.files.knowledge "
        "and source.files.interests",
    )
