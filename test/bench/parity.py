#!/usr/bin/env python3
"""Reproduce published figures of LightCCF, with its released loss and the MF encoder, on douban-book.

    python test/bench/parity.py --data DATA --work WORK --json out.json

DATA contains douban-book/{train,test}.txt. Two protocols are printed next to each other:

published - trains on all train rows and selects the best epoch on the *test* part, as the released trainer
            does; its figures may only be compared with the published figures;
honest    - holds out a tenth of each user's train rows as valid part, selects the epoch there and scores the
            test part once.

The benchmark takes an hour and more on one core; a run that was stopped resumes from its last checkpoint.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

sys.path.append(str(Path(__file__).parents[1] / "support" / "python"))

from bench_steps import Json, Steps

EXPECTED = {"recall@20": (0.183, 0.186)}
SETTING: Json = {
    "backbone": {"name": "lightccf", "encoder": "mf", "temperature": 0.28, "contrast_weight": 1.0},
    "recipe": "backbone_paper",
    "epochs": 600,
    "checkpoint": {"every_epochs": 1},
    "early_stop": {"metric": "recall@20", "patience": 10},
    "threads": 1,
}


def main() -> None:
    """Train the missing runs, then print the figures."""
    options = _options()
    work = Path(options.work)
    steps = Steps(work, [Path(options.data)])
    rows = [_row(steps, name, _split(work, Path(options.data), name)) for name in options.protocol]
    for row in rows:
        print(f"{row['protocol']:10} epoch {row['best_epoch']:3}  {row['metrics']}")
    low, high = EXPECTED["recall@20"]
    print(f"expected of the published protocol: recall@20 in {low} .. {high}")
    if options.json:
        Path(options.json).write_text(json.dumps({"expected": EXPECTED, "rows": rows}, indent=2) + "\n")


def _row(steps: Steps, protocol: str, source: Json) -> Json:
    prepared = steps.run(
        "preprocess", {"source": source, "split": {"method": "given"}, "filter": {"k_core": 1}}
    )
    dataset = prepared["dataset"]["id"]
    spec_of_run = {"dataset": dataset, **SETTING}
    trained = steps.run("train", spec_of_run)
    # under the published protocol the test part itself serves as the valid part
    split = "valid" if protocol == "published" else "test"
    spec = {
        "model": trained["model"]["id"],
        "split": split,
        "mask": "train_valid" if split == "test" else None,
    }
    scored = steps.run("evaluate", {name: value for name, value in spec.items() if value})
    metrics = {name: round(scored["metrics"][name], 4) for name in ("recall@20", "ndcg@20", "recall@10")}
    return {
        "protocol": protocol,
        "best_epoch": trained["best_epoch"],
        "metrics": metrics,
        "num_users": scored["num_users"],
        "train_seconds": round(trained["train_seconds"]),
        **steps.row("train", spec_of_run),
    }


def _split(work: Path, data: Path, protocol: str) -> Json:
    """Write the given split as adjacency lists, with a valid part that fits the protocol."""
    folder = work / f"douban-{protocol}"
    folder.mkdir(parents=True, exist_ok=True)
    train = _read(data / "douban-book" / "train.txt")
    test = _read(data / "douban-book" / "test.txt")
    random = np.random.default_rng(0)
    if protocol == "published":
        # the reader rejects a valid part that is equal to test; test keeps one row, which is never scored
        valid, train_kept = test, train
        spare = max(train, key=lambda user: len(train[user]))
        test = {spare: [train[spare][-1]]}
        train_kept = {**train, spare: train[spare][:-1]}
    else:
        valid, train_kept = {}, {}
        for user, items in train.items():
            held = set(random.choice(items, len(items) // 10, replace=False).tolist())
            valid[user] = [item for item in items if item in held]
            train_kept[user] = [item for item in items if item not in held]
    for name, part in (("train", train_kept), ("valid", valid), ("test", test)):
        lines = [" ".join(map(str, (user, *items))) for user, items in part.items() if items]
        (folder / f"{name}.txt").write_text("\n".join(lines) + "\n")
    files = {name: f"{name}.txt" for name in ("train", "valid", "test")}
    return {"path": str(folder), "format": "adjacency", "files": files}


def _read(path: Path) -> dict[int, list[int]]:
    rows = [[int(word) for word in line.split()] for line in path.read_text().splitlines()]
    return {row[0]: row[1:] for row in rows if len(row) > 1}


def _options() -> Any:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", required=True, help="folder with douban-book/")
    parser.add_argument("--work", required=True, help="folder for all results; kept for the next run")
    parser.add_argument("--json", help="write the rows here as well")
    parser.add_argument(
        "--protocol", nargs="+", default=["published", "honest"], choices=["published", "honest"]
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
