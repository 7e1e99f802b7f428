"""A store with a small data set and a model, and contexts that record the events of a pipeline."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import safetensors.torch
import torch

from lghrec_compute.artifacts import ArtifactStore
from lghrec_compute.data.dataset import Dataset, Part
from lghrec_compute.data.store import save_dataset
from lghrec_compute.events import Event
from lghrec_compute.pipelines.context import RunContext

NUM_USERS, NUM_ITEMS = 40, 30


class Workplace:
    """A data directory in a temporary folder. `events` has the events of all contexts, in order."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = ArtifactStore(folder / "artifacts")
        self.events: list[Event] = []

    def context(self, run_id: str = "run-1") -> RunContext:
        run_dir = self.folder / "runs" / run_id
        run_dir.mkdir(parents=True, exist_ok=True)
        return RunContext(run_id, run_dir, self.folder, self.store, self.events.append)

    def add_dataset(self, dataset: Dataset) -> str:
        return save_dataset(self.store, dataset, run_id="prep").stored.id

    def add_model(self, dataset_id: str, users_UD: torch.Tensor, items_ID: torch.Tensor) -> str:
        meta = {"dataset": dataset_id, "semantic_ids": None, "spec": {}, "best_epoch": 1, "metrics": {}}
        with self.store.draft("model", meta, run_id="train") as draft:
            tensors = {"users_UD": users_UD, "items_ID": items_ID}
            safetensors.torch.save_file(tensors, draft.path("embeddings.safetensors"))
        return draft.stored.id


def random_dataset(seed: int = 0) -> Dataset:
    """40 users and 30 items; user 0 has no test item, user 1 no train item, item 29 is in test only."""
    rng = np.random.default_rng(seed)
    table_UI = rng.choice(4, p=[0.55, 0.25, 0.08, 0.12], size=(NUM_USERS, NUM_ITEMS))
    table_UI[0][table_UI[0] == 3] = 0
    table_UI[1][table_UI[1] == 1] = 0
    table_UI[1, 3] = 3
    table_UI[:, 29] = 0
    table_UI[5, 29] = 3
    train, valid, test = (
        Part(*(ids.astype(np.int64) for ids in np.nonzero(table_UI == p))) for p in (1, 2, 3)
    )
    meta = {"name": "random", "num_train": len(train), "split_sha256": "5" * 64}
    user_ids = [f"user é {user}" for user in range(NUM_USERS)]
    item_ids = [f"i/{item}" for item in range(NUM_ITEMS)]
    return Dataset(train, valid, test, user_ids, item_ids, {}, meta)


def random_embeddings(seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(NUM_USERS, 6, generator=generator), torch.randn(NUM_ITEMS, 6, generator=generator)


@pytest.fixture
def workplace(tmp_path: Path) -> Workplace:
    return Workplace(tmp_path)


@pytest.fixture
def make_dataset() -> Callable[..., Dataset]:
    return random_dataset


@pytest.fixture
def make_embeddings() -> Callable[..., tuple[torch.Tensor, torch.Tensor]]:
    return random_embeddings


@pytest.fixture
def model_id(workplace: Workplace) -> str:
    """A model with random embeddings on `random_dataset()`."""
    return workplace.add_model(workplace.add_dataset(random_dataset()), *random_embeddings())
