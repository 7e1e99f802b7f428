"""Artifacts of train and evaluate runs on the checkerboard, with numbers that tests choose."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from checkerboard import checkerboard
from safetensors.numpy import save_file

from lghrec_compute.artifacts import ArtifactStore
from lghrec_compute.data.store import save_dataset
from lghrec_compute.events import Event
from lghrec_compute.pipelines import evaluate
from lghrec_compute.pipelines.context import RunContext
from lghrec_compute.spec import EvaluateSpec, parse

Json = dict[str, Any]

GROUPS = 5


class StoredRuns:
    """A store with the board and models that were trained on it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = ArtifactStore(folder / "artifacts")
        self.events: list[Event] = []
        self.board = checkerboard()
        self.board.meta["split_sha256"] = "ab" * 32
        self.dataset = save_dataset(self.store, self.board, run_id="prep").stored.id

    def context(self) -> RunContext:
        self.folder.mkdir(exist_ok=True)
        return RunContext("run-1", self.folder, self.folder, self.store, self.events.append)

    def model(self, *, history: list[Json] | None = None, seed: int = 0, **meta: Any) -> str:
        """Store a model with random embeddings; `history` None leaves the file out."""
        meta = {
            "dataset": self.dataset,
            "semantic_ids": None,
            "spec": train_spec(seed=seed),
            "best_epoch": 2,
            "metrics": {"ndcg@20": 0.25, "recall@20": 0.5},
            **meta,
        }
        rng = np.random.default_rng(seed)
        with self.store.draft("model", meta, run_id="train") as draft:
            if history is not None:
                draft.path("history.json").write_text(json.dumps({"epochs": history}))
            tensors = {"users_UD": _drawn(rng, 40), "items_ID": _drawn(rng, 40)}
            save_file(tensors, draft.path("embeddings.safetensors"))
        return draft.stored.id

    def evaluation(self, model: str) -> str:
        """Run a real evaluation of the model at the cutoffs 10 and 20."""
        spec = parse(EvaluateSpec, {"model": model, "cutoffs": [10, 20]})
        return evaluate.run(spec, self.context()).report.id

    def entry(self, name: str, *, evaluated: bool = True, **model: Any) -> Json:
        """Return an entry of a report spec."""
        made = self.model(**model)
        return {"name": name, "model": made} | ({"evaluation": self.evaluation(made)} if evaluated else {})


def train_spec(*, seed: int = 0, policy: Json | None = None, **fields: Any) -> Json:
    """Return the part of a plain train spec that a report reads."""
    return {
        "backbone": {"name": "simgcl", "temperature": 0.2},
        "policy": policy or {"name": "native"},
        "semantic_ids": None,
        "seed": seed,
        "embedding_dim": 6,
        **fields,
    }


def history(epochs: int = 3, *, policy: bool = True) -> list[Json]:
    """Return losses that fall as 1 / epoch, a growing valid NDCG@20, and rewards of e / 100 in epoch e."""
    return [
        {
            "epoch": epoch,
            "metrics": {
                "loss/ranking": 0.5 / epoch,
                "loss/contrast": 0.5 / epoch,
                "loss/total": 1 / epoch,
                "valid/ndcg@20": 0.1 * epoch,
                "valid/recall@20": 0.2 * epoch,
            },
            "policy": policy_told(epoch) if policy else {},
        }
        for epoch in range(1, epochs + 1)
    ]


def policy_told(epoch: int) -> Json:
    """What a policy tells of an epoch."""
    edges = np.linspace(-1, 1, 41).tolist()
    return {
        "steps": 7,
        "scalars": {
            "reward": epoch / 100,
            "reward_hard": 0.2,
            "reward_false": -0.1,
            "reward_easy": -0.05,
            "reward_temperature": -0.02,
            "clip_fraction": 0.01,
            "approx_kl": 0.001,
            "gradient_norm": 2.0,
            "normalized_entropy": 0.9,
            "temperature": 0.2,
            "temperature_std": 0.05,
        },
        "groups": [_group(kind, group) for kind in ("users", "items") for group in range(GROUPS)],
        "reward_variance": epoch / 1000,
        "negatives": {
            "chosen": {"hard": 0.4, "easy": 0.1, "false": 0.02, "between": 0.48},
            "random": {"hard": 0.2, "easy": 0.3, "false": 0.05, "between": 0.45},
        },
        "cosine": {"edges": edges, "chosen": _bump(0.4), "random": _bump(0.0)},
        "warnings": [{"code": "policy_few_hard", "message": f"few in epoch {epoch}"}] if epoch == 1 else [],
    }


def _group(kind: str, group: int) -> Json:
    mean = 0.3 - 0.04 * group
    quantiles = {"q10": mean - 0.05, "q50": mean - 0.01, "q90": mean + 0.05}
    temperature = {"mean": mean, **quantiles, "target": 0.25 - 0.02 * group}
    return {"kind": kind, "group": group, "anchors": 10, "reward": 0.1, "temperature": temperature}


def _bump(centre: float) -> list[float]:
    middle = np.linspace(-0.975, 0.975, 40)
    share = np.exp(-(((middle - centre) / 0.2) ** 2))
    return (share / share.sum()).tolist()


def _drawn(rng: np.random.Generator, rows: int) -> np.ndarray:
    return rng.normal(size=(rows, 6)).astype(np.float32)
