"""Check that texts help where they must, on a generated data set whose categories drive the clicks.

It is trained with its semantic ids, without them, and with the same vectors assigned to wrong items."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from lghrec_compute.artifacts import ArtifactStore
from lghrec_compute.dseg.store import load_semantic_ids, save_semantic_ids
from lghrec_compute.pipelines import evaluate, preprocess, train
from lghrec_compute.pipelines.context import RunContext
from lghrec_compute.spec import SPECS, parse

METRIC = "ndcg@20"


@dataclass(frozen=True)
class Settings:
    """Settings of the generator and of the training; 30 % of the items are cold.

    Items have few clicks: with many, the graph alone distinguishes the categories.
    """

    users: int = 500
    items: int = 600
    interactions: int = 4000
    categories: int = 10
    epochs: int = 30
    fusion: str = "concat_linear"
    factor: float = 0.1


class TextDriven:
    """One data set in `folder`, with semantic ids for each text source."""

    def __init__(self, folder: Path, settings: Settings, *, seed: int) -> None:
        self._settings = settings
        self._seed = seed
        self._store = ArtifactStore(folder / "artifacts")
        self._folder = folder

    def scores(self, sources: Sequence[str]) -> dict[str, float]:
        """Return NDCG@20 on test for `none`, each source, and `shuffled` (the first source with permuted
        rows)."""
        prepared = [self._prepare(source) for source in sources]
        dataset = prepared[0].dataset.id
        found = {"none": self._score(dataset, None)}
        for source, refs in zip(sources, prepared, strict=True):
            found[source] = self._score(dataset, refs.semantic_ids.id)
        found["shuffled"] = self._score(dataset, self._shuffled(prepared[0].semantic_ids.id))
        return found

    def _prepare(self, source: str) -> Any:
        settings = self._settings
        names = ("users", "items", "interactions", "categories")
        generator = {name: getattr(settings, name) for name in names}
        spec = {
            "source": {"generator": {**generator, "cold_items": 0.3, "seed": self._seed}},
            "filter": {"k_core": 1},
            "split": {"method": "given"},
            "semantic": {"text_source": source},
        }
        return self._run("preprocess", spec)

    def _score(self, dataset: str, semantic_ids: str | None) -> float:
        settings = self._settings
        spec = {
            "dataset": dataset,
            "semantic_ids": semantic_ids,
            "backbone": {"name": "lightgcn"},
            "fusion": {"method": settings.fusion, "learning_rate_factor": settings.factor},
            "optimizer": {"learning_rate": 0.01},
            "embedding_dim": 32,
            "batch_size": 1024,
            "epochs": settings.epochs,
            "seed": self._seed,
            "device": "cpu",
        }
        model = self._run("train", spec).model.id
        return self._run("evaluate", {"model": model, "device": "cpu"}).metrics[METRIC]

    def _shuffled(self, semantic_ids: str) -> str:
        ids = load_semantic_ids(self._store.get(semantic_ids))
        order = np.random.default_rng(self._seed).permutation(len(ids.mask_I))
        wrong = replace(ids, semantic_IC=ids.semantic_IC[order], mask_I=ids.mask_I[order])
        return save_semantic_ids(self._store, wrong, run_id="shuffled").stored.id

    def _run(self, kind: str, spec: dict[str, Any]) -> Any:
        pipeline = {"preprocess": preprocess, "train": train, "evaluate": evaluate}[kind]
        run_dir = self._folder / "runs" / f"{kind}-{len(list(self._folder.glob('runs/*')))}"
        run_dir.mkdir(parents=True)
        context = RunContext(run_dir.name, run_dir, self._folder, self._store, lambda _event: None)
        return pipeline.run(parse(SPECS[kind], spec), context)
