"""Small models with their data sets in a store, as train runs store them, built without torch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import safetensors.numpy

from lghrec_compute.artifacts import Artifact, ArtifactStore
from lghrec_compute.data.dataset import Dataset, Part
from lghrec_compute.data.store import save_dataset


@dataclass(frozen=True)
class StoredModel:
    """A model artifact and the data to compute its expected answers; `seen_UI` covers all three parts."""

    artifact: Artifact
    user_ids: list[str]
    item_ids: list[str]
    users_UD: np.ndarray
    items_ID: np.ndarray
    seen_UI: np.ndarray

    @property
    def id(self) -> str:
        return self.artifact.id

    def expected(self, user: str, k: int, *, include_seen: bool = False) -> list[tuple[str, float]]:
        """Compute the expected list by brute force: one dot product at a time, sorted by score and item
        number."""
        row = self.user_ids.index(user)
        scores = [
            (float(np.float32(np.dot(self.users_UD[row].astype(float), item_D.astype(float)))), item)
            for item, item_D in enumerate(self.items_ID)
            if include_seen or not self.seen_UI[row, item]
        ]
        best = sorted(scores, key=lambda pair: (-pair[0], pair[1]))[:k]
        return [(self.item_ids[item], score) for score, item in best]

    def expected_similar(self, item: str, k: int) -> list[tuple[str, float]]:
        row = self.item_ids.index(item)
        mine = self.items_ID[row].astype(float)
        cosines = [
            (float(np.dot(mine, other) / np.linalg.norm(mine) / np.linalg.norm(other)), number)
            for number, other in enumerate(self.items_ID.astype(float))
            if number != row
        ]
        best = sorted(cosines, key=lambda pair: (-pair[0], pair[1]))[:k]
        return [(self.item_ids[number], cosine) for cosine, number in best]


def store_model(
    store: ArtifactStore,
    num_users: int = 30,
    num_items: int = 50,
    *,
    dim: int = 8,
    seed: int = 0,
    item_id: str = "i/{}",
) -> StoredModel:
    """Store random embeddings and interactions. The ids are not ASCII and not in the order of their bytes."""
    rng = np.random.default_rng(seed)
    part_UI = rng.choice(4, p=[0.7, 0.15, 0.05, 0.1], size=(num_users, num_items))
    pairs = (np.nonzero(part_UI == part) for part in (1, 2, 3))
    train, valid, test = (Part(user_E.astype(np.int64), item_E.astype(np.int64)) for user_E, item_E in pairs)
    user_ids = [f"ü{user}" for user in range(num_users)]
    item_ids = [item_id.format(item) for item in range(num_items)]
    meta = {"name": f"random {seed}"}
    dataset = Dataset(train, valid, test, user_ids, item_ids, {}, meta)
    dataset_id = save_dataset(store, dataset, run_id="prep").stored.id
    users_UD = rng.standard_normal((num_users, dim)).astype(np.float32)
    items_ID = rng.standard_normal((num_items, dim)).astype(np.float32)
    artifact = add_model(store, dataset_id, users_UD, items_ID)
    return StoredModel(artifact, user_ids, item_ids, users_UD, items_ID, part_UI > 0)


def add_model(store: ArtifactStore, dataset_id: str, users_UD: np.ndarray, items_ID: np.ndarray) -> Artifact:
    """Store a model artifact with these embeddings."""
    with store.draft("model", {"dataset": dataset_id, "spec": {}}, run_id="train") as draft:
        tensors = {"users_UD": users_UD, "items_ID": items_ID}
        safetensors.numpy.save_file(tensors, draft.path("embeddings.safetensors"))
    return draft.stored
