#!/usr/bin/env python3
"""Base quality: every backbone without a policy on real text data, Recall@20 and NDCG@20 over seeds.

    python test/bench/base_quality.py --data DATA --work WORK --json out.json

DATA holds amazon-scientific/, amazon-office/ and ml-100k-plots/. 5-core, 8:1:1 per user, Adam 1e-3, 64
dimensions; early stop by NDCG@20 on valid, looked at every third epoch, with patience 10, as LightGCN stands
still for a dozen epochs at first; train and valid masked, test scored once. Two settings a backbone are tried
on valid with seed 0 (`TRIALS`; their figures are in --json), then the better one runs with every seed. Each
run is a process of one thread and is done once; a benchmark that was broken off goes on. Ids only, but for
the backbones that are made of text; `--semantic` puts MiniLM semantic ids of extracts beside all.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).parents[1] / "support" / "python"))

from bench_steps import Json, Steps

SOURCES: dict[str, Json] = {
    "scientific": {"path": "amazon-scientific", "format": "json_maps"},
    "office": {"path": "amazon-office", "format": "json_maps"},
    "ml-100k": {
        "path": "ml-100k-plots",
        "format": "delimited",
        "columns": {
            "user": "user_id",
            "item": "item_id",
            "rating": "rating",
            "timestamp": "timestamp",
            "text": ["title", "plot", "genres", "directors", "cast", "year"],
        },
        "files": {"items": "items_info.json"},
    },
}
METRICS = ("recall@20", "ndcg@20")

TRIALS: dict[str, tuple[Json, ...]] = {
    "mf": ({}, {"optimizer": {"regularization": 1e-3}}),
    "lightgcn": ({}, {"optimizer": {"regularization": 1e-3}}),
    "lightccf": (
        {"form": "sum", "temperature": 0.2, "contrast_weight": 1.0},
        {"form": "sum", "temperature": 0.2, "contrast_weight": 1.0, "encoder": "lightgcn"},
    ),
    "sgl": ({}, {"contrast_weight": 0.5}),
    "simgcl": ({}, {"contrast_weight": 0.1}),
    "lightgcl": ({"contrast_weight": 0.05}, {"contrast_weight": 0.01}),
    "sccf": ({}, {"temperature": 0.3}),
    "vgcl": ({}, {"contrast_weight": 0.05}),
    "nescl": ({}, {"contrast_weight": 0.1}),
    "cikg": ({}, {"contrast_weight": 0.1}),
    "autograph": ({}, {"ranking_loss": "bpr"}),
}
"""Settings tried, by backbone: options of the backbone, and of the whole run where the name is one of its."""
OF_THE_RUN = frozenset({"optimizer", "batch_size", "embedding_dim"})
WITH_TEXT = frozenset({"cikg", "autograph"})
"""Backbones that are made of text: they read the semantic ids in any case."""


def main() -> None:
    """Trains what is not done yet, then prints the table."""
    options = _options()
    steps = Steps(Path(options.work), [Path(options.data)], processes=options.processes)
    cells = [(backbone, dataset) for dataset in options.dataset for backbone in options.backbone]
    rows = steps.each(lambda cell: _row(steps, options, *cell), cells)
    _show(rows, options.dataset)
    if options.json:
        Path(options.json).write_text(json.dumps({"rows": rows}, indent=2) + "\n")


def _row(steps: Steps, options: Any, backbone: str, dataset: str) -> Json:
    trials = [_spec(steps, options, (backbone, dataset), trial, 0) for trial in TRIALS[backbone]]
    told = [steps.run("train", spec)["metrics"]["ndcg@20"] for spec in trials]
    best = max(range(len(told)), key=lambda at: told[at])
    runs = []
    for seed in range(options.seeds):
        spec = {**trials[best], "seed": seed}
        trained = steps.run("train", spec)
        model = trained["model"]["id"]
        scored = steps.run("evaluate", {"model": model, "threads": 1})
        runs.append(
            {
                "seed": seed,
                **steps.row("train", spec),
                "best_epoch": trained["best_epoch"],
                "metrics": {name: round(scored["metrics"][name], 6) for name in METRICS},
            }
        )
    return {
        "backbone": backbone,
        "dataset": dataset,
        "valid": [[trial, round(value, 6)] for trial, value in zip(TRIALS[backbone], told, strict=True)],
        "runs": runs,
    }


def _spec(steps: Steps, options: Any, cell: tuple[str, str], trial: Json, seed: int) -> Json:
    backbone, dataset = cell
    semantic = options.semantic or backbone in WITH_TEXT
    asked: Json = {"source": SOURCES[dataset]}
    if semantic:
        asked["semantic"] = {"cot": "extractive", "encoder": "minilm"}
    prepared = steps.run("preprocess", asked)
    spec: Json = {
        "dataset": prepared["dataset"]["id"],
        "backbone": {"name": backbone, **{k: v for k, v in trial.items() if k not in OF_THE_RUN}},
        **{name: value for name, value in trial.items() if name in OF_THE_RUN},
        "epochs": options.epochs,
        "early_stop": {"every_epochs": 3, "patience": 10},
        "checkpoint": {"every_epochs": 30},
        "seed": seed,
        "threads": 1,
        "device": "cpu",
    }
    return spec | ({"semantic_ids": prepared["semantic_ids"]["id"]} if semantic else {})


def _show(rows: list[Json], datasets: list[str]) -> None:
    heads = "".join(f"  {name:^37}" for name in datasets)
    print(f"{'':10}{heads}")
    print(f"{'':10}" + "  Recall@20         NDCG@20            " * len(datasets))
    for backbone in dict.fromkeys(row["backbone"] for row in rows):
        cells = [_cell(row) for name in datasets for row in rows if _is(row, backbone, name)]
        print(f"{backbone:10}" + "".join(cells))


def _is(row: Json, backbone: str, dataset: str) -> bool:
    return row["backbone"] == backbone and row["dataset"] == dataset


def _cell(row: Json) -> str:
    text = ""
    for metric in METRICS:
        values = [run["metrics"][metric] for run in row["runs"]]
        spread = f"±{statistics.stdev(values):.4f}" if len(values) > 1 else " " * 7
        text += f"  {statistics.mean(values):.4f} {spread}  "
    return text


def _options() -> Any:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", required=True, help="folder with amazon-scientific/ and so on")
    parser.add_argument("--work", required=True, help="folder for everything made; kept for the next time")
    parser.add_argument("--json", help="write the rows here as well")
    parser.add_argument("--dataset", nargs="+", default=list(SOURCES), choices=list(SOURCES))
    parser.add_argument("--backbone", nargs="+", default=list(TRIALS), choices=list(TRIALS))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=300)
    parser.add_argument("--processes", type=int, default=1, help="runs at a time, one thread each")
    parser.add_argument("--semantic", action="store_true", help="semantic ids for every backbone")
    return parser.parse_args()


if __name__ == "__main__":
    main()
