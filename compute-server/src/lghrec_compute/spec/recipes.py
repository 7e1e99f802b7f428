"""Whole settings to start from: what each backbone's own paper or code trains with, and what LGHRec's.

A recipe only fills in the fields that a spec leaves out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_ADAM = {"learning_rate": 1e-3, "embedding_l2": 1e-4}

BACKBONE_PAPER: dict[str, dict[str, Any]] = {
    "mf": {"optimizer": _ADAM, "batch_size": 2048},
    "lightgcn": {"optimizer": _ADAM, "batch_size": 2048, "backbone": {"layers": 3}},
    "lightccf": {
        "optimizer": _ADAM,
        "batch_size": 2048,
        "backbone": {"encoder": "mf", "temperature": 0.28, "contrast_weight": 1.0},
    },
    "sgl": {
        "optimizer": _ADAM,
        "batch_size": 2048,
        "backbone": {"layers": 3, "temperature": 0.2, "contrast_weight": 0.1, "drop_rate": 0.1},
    },
    "simgcl": {
        "optimizer": _ADAM,
        "batch_size": 2048,
        "backbone": {"layers": 3, "temperature": 0.2, "contrast_weight": 0.5, "noise": 0.1},
    },
    "lightgcl": {
        "optimizer": {"learning_rate": 1e-3, "embedding_l2": 1e-7},
        "batch_size": 4096,
        "backbone": {"layers": 2, "temperature": 0.2, "contrast_weight": 0.2, "rank": 5},
    },
    "sccf": {
        "optimizer": {"name": "sgd", "learning_rate": 10.0, "embedding_l2": 0.0},
        "batch_size": 10_000,
        "backbone": {"encoder": "mf", "temperature": 0.25},
    },
    "vgcl": {
        "optimizer": _ADAM,
        "batch_size": 2048,
        "backbone": {"layers": 2, "contrast_weight": 0.2, "cluster_weight": 0.4},
    },
    "nescl": {
        "optimizer": _ADAM,
        "batch_size": 4096,
        "backbone": {"layers": 2, "temperature": 0.1, "contrast_weight": 0.3, "neighbors": 15},
    },
    "cikg": {
        "optimizer": {"learning_rate": 5e-4, "embedding_l2": 1e-5},
        "batch_size": 1024,
        "backbone": {"layers": 3, "temperature": 0.2, "contrast_weight": 0.02},
    },
    "autograph": {
        "optimizer": {
            "name": "adamw",
            "learning_rate": 1e-3,
            "embedding_l2": 0.0,
            "weight_decay": 1e-2,
        },
        "batch_size": 256,
        "embedding_dim": 32,
    },
}
"""By the backbone's name."""

LGHREC_PAPER: dict[str, Any] = {
    "optimizer": {"name": "adam", "learning_rate": 1e-3},
    "batch_size": 4096,
    "embedding_dim": 64,
    "early_stop": {"patience": 10},
}
"""Appendix B.4; three layers come beside it for a backbone that has layers."""

_WITHOUT_LAYERS = frozenset({"mf", "autograph"})


def with_recipe(spec: Mapping[str, Any]) -> dict[str, Any]:
    """Return the spec with missing fields filled in from its recipe."""
    backbone = spec.get("backbone")
    name = backbone.get("name") if isinstance(backbone, Mapping) else None
    if not isinstance(name, str) or name not in BACKBONE_PAPER:
        return dict(spec)
    match spec.get("recipe"):
        case "backbone_paper":
            return _merged(BACKBONE_PAPER[name], spec)
        case "lghrec_paper":
            layers = {} if name in _WITHOUT_LAYERS else {"backbone": {"layers": 3}}
            return _merged(LGHREC_PAPER | layers, spec)
        case _:
            return dict(spec)


def _merged(defaults: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(defaults)
    for name, value in given.items():
        inner = merged.get(name)
        if isinstance(inner, Mapping) and isinstance(value, Mapping):
            merged[name] = _merged(inner, value)
        elif value is not None:
            merged[name] = value
    return merged
