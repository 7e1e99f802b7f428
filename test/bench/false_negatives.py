#!/usr/bin/env python3
"""Measure how many candidates that HGPO would call false negatives are held-out interactions.

    npm run bench -- false_negatives --data DATA --work WORK --json out.json

The benchmark takes a trained backbone without a policy and considers all pairs of a user and an item
without a train interaction. It divides them into zones of cos(user, item), and into zones of cos(positive,
item) over the train positives. For each zone it reports the share of pairs that are interactions of the
valid or test part (`held_out`), the zone's part of all those interactions (`part`), and the zone's share in
the sum of exp(cos / temperature) over all candidates, as the mean over users or positives (`mass`). For
zones of cos(user, item), the mass is the share of the gradient that the contrast of users with items sends
to the zone. Zones are bounded by quantiles, like the thresholds of the policy. Runs that `base_quality.py`
has left in the same WORK are reused.
"""

from __future__ import annotations

import argparse
import json
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

sys.path.append(str(Path(__file__).parents[1] / "support" / "python"))

from bench_steps import Json, Steps
from study_settings import BACKBONES, DATASETS, base_spec, prepared

SHARES = (0.2, 0.5, 0.9, 0.95, 0.98, 0.998)
_POSITIVES = 20_000
_TEMPERATURE = 0.2


def rows_of(steps: Steps, backbone: str, dataset: str) -> Json:
    """Return the zones of one backbone on one data set."""
    spec = base_spec(prepared(steps, dataset), dataset, backbone)
    user_UD, item_ID = _embeddings(steps, steps.run("train", spec)["model"]["id"])
    train_UI, held_out_UI = _interactions(steps, spec["dataset"], len(user_UD), len(item_ID))
    temperature = spec["backbone"].get("temperature", _TEMPERATURE)
    return {
        "backbone": backbone,
        "dataset": dataset,
        **steps.row("train", spec),
        "held_out": round(float(held_out_UI[~train_UI].mean()), 6),
        "temperature": temperature,
        "by_anchor": zones(user_UD @ item_ID.T, ~train_UI, held_out_UI, temperature),
        "by_positive": _by_positive(item_ID, train_UI, held_out_UI, temperature),
    }


def zones(cosine: Any, open_: Any, held_out: Any, temperature: float) -> list[Json]:
    """Return for each zone of cosines the share of held-out pairs, their part of all held-out pairs, and
    the mass."""
    bounds = [-np.inf, *np.quantile(cosine[open_], SHARES), np.inf]
    ends = [0.0, *SHARES, 1.0]
    mass = np.where(open_, np.exp(cosine / temperature), 0.0)
    mass /= mass.sum(axis=1, keepdims=True)
    rows = []
    for place, (low, high) in enumerate(pairwise(bounds)):
        zone = open_ & (cosine >= low) & (cosine < high)
        here = held_out[zone]
        part = here.sum() / held_out[open_].sum()
        rows.append(
            {
                "from": ends[place],
                "to": ends[place + 1],
                "held_out": round(float(here.mean()), 6),
                "part": round(float(part), 4),
                "mass": round(float(np.where(zone, mass, 0.0).sum(axis=1).mean()), 4),
            }
        )
    return rows


def _by_positive(item_ID: Any, train_UI: Any, held_out_UI: Any, temperature: float) -> list[Json]:
    user_P, positive_P = np.nonzero(train_UI)
    chosen = np.random.default_rng(0).permutation(len(user_P))[:_POSITIVES]
    user_P, positive_P = user_P[chosen], positive_P[chosen]
    return zones(
        item_ID[positive_P] @ item_ID.T,
        ~train_UI[user_P],
        held_out_UI[user_P],
        temperature,
    )


def _embeddings(steps: Steps, model: str) -> tuple[Any, Any]:
    from safetensors.numpy import load_file

    stored = load_file(str(_artifact(steps, model, "model").path("embeddings.safetensors")))
    users, items = (next(stored[name] for name in stored if kind in name) for kind in ("user", "item"))
    return _unit(users), _unit(items)


def _unit(vector: Any) -> Any:
    # a node without neighbours may be zero for backbones that leave out layer 0
    return vector / np.maximum(np.linalg.norm(vector, axis=1, keepdims=True), 1e-12)


def _interactions(steps: Steps, dataset: str, num_users: int, num_items: int) -> tuple[Any, Any]:
    from lghrec_compute.data.store import load_dataset

    parts = load_dataset(_artifact(steps, dataset, "dataset"))
    train_UI, held_out_UI = np.zeros((2, num_users, num_items), dtype=bool)
    train_UI[parts.train.user_E, parts.train.item_E] = True
    for part in (parts.valid, parts.test):
        held_out_UI[part.user_E, part.item_E] = True
    return train_UI, held_out_UI


def _artifact(steps: Steps, name: str, kind: str) -> Any:
    from lghrec_compute.artifacts import ArtifactStore

    return ArtifactStore(steps.work / "artifacts").get(name, kind)


def main() -> None:
    """Print the shares of all zones in percent."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", required=True, help="folder with amazon-scientific/ and so on")
    parser.add_argument(
        "--work",
        required=True,
        help="folder for all results; kept for the next run",
    )
    parser.add_argument("--json", help="write the rows here as well")
    parser.add_argument(
        "--dataset",
        nargs="+",
        default=["office", "scientific", "ml-100k"],
        choices=DATASETS,
    )
    parser.add_argument("--backbone", nargs="+", default=["lightccf"], choices=BACKBONES)
    options = parser.parse_args()
    steps = Steps(Path(options.work), [Path(options.data)], processes=1)
    rows = [rows_of(steps, backbone, data) for data in options.dataset for backbone in options.backbone]
    for row in rows:
        print(f"{row['backbone']} on {row['dataset']}: {row['held_out']:.3%} of all pairs are held out")
        for by in ("by_anchor", "by_positive"):
            for what in ("held_out", "mass"):
                shown = ", ".join(f"{zone['from']}-{zone['to']}: {zone[what]:.2%}" for zone in row[by])
                print(f"  {by:12} {what:9} {shown}")
    if options.json:
        Path(options.json).write_text(json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    main()
