"""Loads a stored model: the final embeddings and the data set that they belong to.

Shapes: U users, I items, D embedding size.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import safetensors.torch
from torch import Tensor

from lghrec_compute.artifacts import Artifact, ArtifactStore
from lghrec_compute.data.dataset import Dataset, Part
from lghrec_compute.data.store import load_dataset
from lghrec_compute.errors import IntegrityError
from lghrec_compute.spec.common import SeenMask


@dataclass(frozen=True)
class Model:
    """A loaded model. `users_UD` and `items_ID` are float32 on the CPU; the scores are their dot products."""

    artifact: Artifact
    dataset_id: str
    dataset: Dataset
    users_UD: Tensor
    items_ID: Tensor


def load_model(store: ArtifactStore, model_id: str) -> Model:
    """Loads a model artifact and its data set, and checks the hashes of both.

    Raises `NotFoundError` if either is missing, `ConfigError` for an artifact of another kind, and
    `IntegrityError` for changed bytes or embeddings that do not fit the data set.
    """
    artifact = store.verified(model_id, "model")
    dataset_artifact = store.verified(artifact.meta["dataset"], "dataset")
    dataset = load_dataset(dataset_artifact)
    tensors = safetensors.torch.load_file(artifact.path("embeddings.safetensors"))
    users_UD, items_ID = tensors["users_UD"], tensors["items_ID"]
    got, expected = (len(users_UD), len(items_ID)), (dataset.num_users, dataset.num_items)
    if got != expected:
        raise IntegrityError(
            f"model {model_id[:12]} does not fit its data set: got embeddings of {got[0]} users and {got[1]}"
            f" items, expected {expected[0]} and {expected[1]}",
            hint="train the model again",
        )
    return Model(artifact, dataset_artifact.id, dataset, users_UD, items_ID)


def seen_parts(dataset: Dataset, mask: SeenMask) -> Sequence[Part]:
    """Returns the parts whose items are excluded from a user's list."""
    return dataset.parts[: {"train": 1, "train_valid": 2, "all": 3}[mask]]
