"""Writes peer_figures.json: the figures of ranx and RecBole for the same lists. It needs both, so it is no
test.

Each needs its own environment (ranx 0.3.21; RecBole 1.2.1 with --no-deps, torch, scikit-learn and pandas):
`python make_peer_figures.py ranx` and `python make_peer_figures.py recbole`.
"""

from __future__ import annotations

import importlib.util
import json
import sys
from collections import Counter
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np

FILE = Path(__file__).with_name("peer_figures.json")
CUTOFFS = (1, 3, 5, 10)


def lists() -> dict[str, Any]:
    """Return 60 lists of 10 of 50 items, with 1 to 25 held-out items each; all popularities differ."""
    rng = np.random.default_rng(20)
    popularity_I = rng.permutation(50) + 1
    shares_I = popularity_I / popularity_I.sum()
    lists, held = [], []
    for user in range(60):
        lists.append(rng.choice(50, size=10, replace=False, p=shares_I).tolist())
        size = int(rng.integers(1, 26)) if user % 4 else 1
        held.append(sorted(rng.choice(50, size=size, replace=False).tolist()))
    return {"lists": lists, "held_out": held, "popularity": popularity_I.tolist()}


def ranx(data: dict[str, Any]) -> dict[str, list[float]]:
    """Return the values of each user."""
    from ranx import Qrels, Run, evaluate

    def by_user(rows: list[list[int]], best: int) -> dict[str, dict[str, Any]]:
        return {
            f"u{user:02}": {f"i{item}": best - index if best else 1 for index, item in enumerate(items)}
            for user, items in enumerate(rows)
        }

    relevant = Qrels(by_user(data["held_out"], 0))
    run = Run(
        {user: {i: float(s) for i, s in row.items()} for user, row in by_user(data["lists"], 10).items()}
    )
    names = [
        f"{name}@{k}" for name in ("recall", "precision", "hit_rate", "ndcg", "map", "mrr") for k in CUTOFFS
    ]
    found = evaluate(relevant, run, names, return_mean=False)
    return {name: [float(value) for value in found[name]] for name in names}


def recbole(data: dict[str, Any]) -> dict[str, float]:
    """Return the means, from RecBole's metric classes; the rest of the package needs more dependencies."""
    import torch

    np.float = float  # type: ignore[attr-defined]  # RecBole 1.2.1 was written before NumPy 1.24
    root = Path(importlib.util.find_spec("recbole").origin).parent  # type: ignore[union-attr,arg-type]
    for name in ("recbole", "recbole.utils", "recbole.evaluator"):
        sys.modules[name] = ModuleType(name)
        sys.modules[name].__path__ = [str(root.joinpath(*name.split(".")[1:]))]
    from recbole.utils.enum_type import EvaluatorType

    sys.modules["recbole.utils"].EvaluatorType = EvaluatorType  # type: ignore[attr-defined]
    from recbole.evaluator import metrics

    items_UK = np.array(data["lists"])
    held = [set(items) for items in data["held_out"]]
    hits_UK = [[item in held[user] for item in row] for user, row in enumerate(data["lists"])]
    sizes_U = [[len(items)] for items in held]
    given = {
        "rec.topk": torch.tensor(np.concatenate([hits_UK, sizes_U], axis=1)),
        "rec.items": torch.from_numpy(items_UK),
        "data.num_items": 50,
        "data.count_items": Counter(dict(enumerate(data["popularity"]))),
    }
    config = {"metric_decimal_place": 17, "topk": list(CUTOFFS), "tail_ratio": 0.8}
    names = (
        "Hit",
        "MRR",
        "MAP",
        "Recall",
        "NDCG",
        "Precision",
        "ItemCoverage",
        "AveragePopularity",
        "GiniIndex",
    )
    found: dict[str, float] = {}
    for name in (*names, "TailPercentage"):
        found |= getattr(metrics, name)(config).calculate_metric(SimpleNamespace(get=given.get))
    return {name: float(value) for name, value in found.items()}


if __name__ == "__main__":
    figures = json.loads(FILE.read_text()) if FILE.exists() else {}
    figures |= lists()
    figures[sys.argv[1]] = {"ranx": ranx, "recbole": recbole}[sys.argv[1]](figures)
    FILE.write_text(json.dumps(figures, sort_keys=True) + "\n")
