"""What some backbones read beside interactions and the ego table."""

from __future__ import annotations

import torch
from torch import Tensor

from lghrec_compute.backbones import Knowledge
from lghrec_compute.data.dataset import Dataset
from lghrec_compute.dseg.store import open_vectors
from lghrec_compute.pipelines.context import Context
from lghrec_compute.spec import TrainSpec

_READERS = frozenset({"autograph"})
"""Backbones that read the semantic ids themselves."""


def load_side(
    spec: TrainSpec,
    dataset: Dataset,  # noqa: ARG001
    device: torch.device,
    context: Context,
) -> tuple[Tensor | None, Knowledge | None]:
    """Semantic ids as they are stored and knowledge of items and users, where the backbone reads them."""
    if spec.semantic_ids is None or spec.backbone.name not in _READERS:
        return None, None
    semantic_IC, _ = open_vectors(context.store.verified(spec.semantic_ids, "semantic_ids"))
    return torch.from_numpy(semantic_IC).to(device), None
