"""Reads the stored results of the models of a report: histories, evaluations, embeddings and data sets.

Shapes: U evaluated users, I items, D embedding size, E interactions.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from safetensors import safe_open

from lghrec_compute.artifacts import Artifact
from lghrec_compute.json_types import Json
from lghrec_compute.types import Doubles, Floats, Ints


@dataclass(frozen=True)
class Entry:
    """One model with a name. `evaluation` and `dataset` are None if they are not stored."""

    name: str
    model: Artifact
    evaluation: Artifact | None = None
    dataset: Artifact | None = None

    @property
    def spec(self) -> Json:
        """The train spec as a dictionary."""
        return self.model.meta["spec"]

    @property
    def best_epoch(self) -> int:
        """The epoch whose model was kept."""
        return self.model.meta["best_epoch"]

    @cached_property
    def history(self) -> list[Json]:
        """One {"epoch", "metrics", "policy"} for each epoch. [] means that no history is stored."""
        found = _json(self.model, "history.json")
        return found["epochs"] if found else []

    @property
    def at_best(self) -> Json:
        """The report of the policy for the best epoch. {} means that there is none."""
        reports = [each["policy"] for each in self.history if each["epoch"] == self.best_epoch]
        return reports[0] if reports else {}

    @cached_property
    def summary(self) -> Json:
        """The summary of the evaluation. {} means that there is no evaluation."""
        return (self.evaluation and _json(self.evaluation, "summary.json")) or {}

    @property
    def metrics(self) -> dict[str, float]:
        """The means of the evaluation. {} means that there is no evaluation."""
        return self.summary.get("metrics", {})

    def per_user(self, metric: str) -> tuple[Ints, Doubles] | None:
        """Return users and their values of a metric, [U] each. None means that they are not stored."""
        if self.evaluation is None:
            return None
        path = self.evaluation.path("per_user.parquet")
        if metric not in pq.read_schema(path).names:
            return None
        table = pq.read_table(path, columns=["user", metric])
        return table["user"].to_numpy().astype(np.int64), table[metric].to_numpy()

    def items_ID(self) -> Floats:
        """Read and return the final embeddings of the items. They can be large, so they are not cached."""
        with safe_open(self.model.path("embeddings.safetensors"), framework="numpy") as file:
            return file.get_tensor("items_ID")

    @cached_property
    def degrees(self) -> tuple[Ints, Ints] | None:
        """Number of train interactions of each user and each item. None means that no data set is stored."""
        if self.dataset is None:
            return None
        meta = self.dataset.meta
        table = pq.read_table(
            self.dataset.path("interactions.parquet"),
            columns=["user", "item"],
            filters=[("part", "=", 0)],
        )
        user_E, item_E = table["user"].to_numpy(), table["item"].to_numpy()
        return (
            np.bincount(user_E, minlength=meta["num_users"]),
            np.bincount(item_E, minlength=meta["num_items"]),
        )


@dataclass(frozen=True)
class Sweep:
    """Models whose specs have different values of the field `field`."""

    field: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class Stored:
    """All inputs of a report. `comparison` is the content of comparison.json. None means no comparison."""

    entries: tuple[Entry, ...]
    sweeps: tuple[Sweep, ...] = ()
    comparison: Json | None = None


def main_metric(names: Any) -> str | None:
    """Return NDCG@20 if it is among the names, else the first NDCG, else the first name.

    The result is None if there are no names.
    """
    ranked = sorted(names, key=lambda name: (name != "ndcg@20", not name.startswith("ndcg@")))
    return ranked[0] if ranked else None


def shared_metric(entries: tuple[Entry, ...]) -> str | None:
    """Return the main metric among the metrics that all evaluations have, None if there is none."""
    evaluated = [entry.metrics for entry in entries if entry.metrics]
    return (
        main_metric([name for name in evaluated[0] if all(name in one for one in evaluated)])
        if evaluated
        else None
    )


def value_at(spec: Json, field: str) -> Any:
    """Return the value at a path such as `policy.harmony_weight`. Raises `KeyError` if there is none."""
    found: Any = spec
    for name in field.split("."):
        if not isinstance(found, dict):
            raise KeyError(field)
        found = found[name]
    return found


def _json(artifact: Artifact, name: str) -> Json | None:
    if not any(file.path == name for file in artifact.files):
        return None
    return json.loads(artifact.path(name).read_bytes())
