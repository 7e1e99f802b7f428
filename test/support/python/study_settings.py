"""Settings that the long quality benchmarks share: data sets, training settings, backbones.

Runs with equal fields are the same run, so the table of base quality and the study of the policy share runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bench_steps import Json, Steps

_RATINGS: Json = {"user": "user_id", "item": "item_id", "rating": "rating", "timestamp": "timestamp"}
_MOVIES: Json = {
    "path": "ml-100k-plots",
    "format": "delimited",
    "columns": {**_RATINGS, "text": ["title", "plot", "genres", "directors", "cast", "year"]},
    "files": {"items": "items_info.json"},
}
DATASETS: dict[str, Json] = {
    "office": {"source": {"path": "amazon-office", "format": "json_maps"}},
    "scientific": {"source": {"path": "amazon-scientific", "format": "json_maps"}},
    "ml-100k": {"source": _MOVIES},
    "ml-100k-temporal": {"source": _MOVIES, "split": {"method": "temporal"}},
}
"""Preprocess requests by name, below a folder with amazon-office/, amazon-scientific/ and ml-100k-plots/."""
SEMANTIC: Json = {"text_source": "extractive", "encoder": "minilm"}
METRICS = ("recall@20", "ndcg@20")

SETTINGS: Json = {
    "batch_size": 512,
    "optimizer": {"learning_rate": 0.002},
    "epochs": 300,
    "early_stop": {"every_epochs": 2, "patience": 6},
    "checkpoint": {"every_epochs": 30},
    "threads": 1,
}
"""Small batches and 2e-3: on data sets of this size as good as 2,048 and 1e-3 (LightGCN, Office) in a sixth
of the time, and over the flat start where the ranking of LightGCN does not move for a dozen epochs."""

BACKBONES: dict[str, Json] = {
    "mf": {"name": "mf"},
    "lightgcn": {"name": "lightgcn"},
    "lightccf": {"name": "lightccf", "encoder": "lightgcn", "form": "sum", "temperature": 0.2},
    "sgl": {"name": "sgl"},
    "simgcl": {"name": "simgcl", "contrast_weight": 0.1},
    "lightgcl": {"name": "lightgcl", "contrast_weight": 0.05},
    "sccf": {"name": "sccf", "encoder": "lightgcn"},
    "vgcl": {"name": "vgcl", "contrast_weight": 0.1},
    "nescl": {"name": "nescl", "contrast_weight": 0.1},
    "cikg": {"name": "cikg", "contrast_weight": 0.1},
    "autograph": {"name": "autograph"},
}
"""Each paper's own defaults, but for the fields given: from the papers' ranges, and not tuned."""
DENSE = frozenset({"ml-100k", "ml-100k-temporal"})
ON_DENSE: dict[str, Json] = {
    "lightccf": {"contrast_weight": 0.1},
    "sgl": {"contrast_weight": 0.01},
    "simgcl": {"contrast_weight": 0.01},
    "lightgcl": {"contrast_weight": 0.005},
    "sccf": {"temperature": 0.5},
    "vgcl": {"contrast_weight": 0.01},
    "cikg": {"contrast_weight": 0.01},
}
"""Where users share most of their items a contrast of such weights keeps apart what belongs together: with a
tenth of it the valid NDCG@20 of LightCCF on ml-100k is .293 and not .223 (seed 0)."""
WITH_TEXT = frozenset({"cikg", "autograph"})
"""Backbones that are made of text: they read the semantic ids in any case."""


def prepared(steps: Steps, dataset: str) -> Json:
    """Return the result of preprocess for one of `DATASETS`, including semantic ids."""
    return steps.run("preprocess", _asked(dataset))


def how_prepared(steps: Steps, datasets: Iterable[str]) -> dict[str, Json]:
    """Return what a table stores of each data set, enough to repeat it; ids of artifacts follow from
    content."""
    return {
        name: {**steps.row("preprocess", _asked(name)), "dataset": prepared(steps, name)["dataset"]["id"]}
        for name in datasets
    }


def base_spec(made: Mapping[str, Json], dataset: str, backbone: str, *, device: str = "cpu") -> Json:
    """Return the train spec of a backbone without a policy, and without semantic ids unless it consists of
    texts."""
    spec: Json = {
        **SETTINGS,
        "dataset": made["dataset"]["id"],
        "backbone": BACKBONES[backbone] | (ON_DENSE.get(backbone, {}) if dataset in DENSE else {}),
        "device": device,
        "seed": 0,
    }
    return with_ids(spec, made) if backbone in WITH_TEXT else spec


def with_ids(spec: Json, made: Mapping[str, Json]) -> Json:
    """Return `spec` with the semantic ids of the data set."""
    return {**spec, "semantic_ids": made["semantic_ids"]["id"]}


def _asked(dataset: str) -> Json:
    return {**DATASETS[dataset], "semantic": SEMANTIC}
