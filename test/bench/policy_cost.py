#!/usr/bin/env python3
"""Measure the cost of a policy: an epoch with HGPO compared with an epoch with random negatives from the
same pool.

    npm run bench -- policy_cost --data DATA --work WORK [--json out.json]

For each setting and backbone, all arms take turns for `--rounds` rounds, each in a process with one thread.
Their medians are compared as ratios to `random`, which has the same number of negatives and the same pool.
`act` and `learn` are the seconds of an epoch in which the policy selects and learns; the rest is the
backbone, including the cost of a loss with selected negatives. Machines are noisy, so compare figures of
one run only.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from statistics import median
from typing import Any

sys.path.append(str(Path(__file__).parents[1] / "support" / "python"))

from bench_steps import Json, Steps
from speed_runs import timed
from study_settings import BACKBONES, DATASETS

SETTINGS: dict[str, Json] = {
    "default": {"batch_size": 2048, "policy": {}},
    "study": {"batch_size": 512, "policy": {"pool_size": 1024, "num_negatives": 512}},
}
ARMS: dict[str, Json] = {
    "native": {"name": "native"},
    "random": {"name": "random"},
    "full": {"name": "hgpo"},
    "full, learns from 256 anchors": {"name": "hgpo", "policy_anchors": 256},
    "full, learns from 512 anchors": {"name": "hgpo", "policy_anchors": 512},
    "negatives alone": {"name": "hgpo", "learn_temperature": False},
    "temperatures alone": {"name": "hgpo", "learn_negatives": False},
}
FIGURES = ("epoch_seconds", "act_seconds", "learn_seconds")


def main() -> None:
    """Time all arms and print a table for each setting and backbone."""
    options = _options()
    steps = Steps(Path(options.work), [Path(options.data)])
    cases = [(setting, backbone) for setting in options.setting for backbone in options.backbone]
    rows = [_case(steps, options, setting, backbone) for setting, backbone in cases]
    if options.json:
        Path(options.json).write_text(json.dumps({"dataset": options.dataset, "rows": rows}, indent=2) + "\n")


def _case(steps: Steps, options: argparse.Namespace, setting: str, backbone: str) -> Json:
    dataset = steps.run("preprocess", DATASETS[options.dataset])["dataset"]["id"]
    common = {**SETTINGS[setting], "backbone": BACKBONES[backbone], "epochs": options.epochs}
    figures: dict[str, list[Json]] = {arm: [] for arm in ("random", *options.arm)}
    for _ in range(options.rounds):
        for arm in figures:
            policy = ARMS[arm]
            pool = {} if arm == "native" else common["policy"]
            figures[arm].append(timed(steps, dataset, {**common, "policy": {**pool, **policy}}))
    arms = {
        arm: {name: median(one[name] for one in each) for name in FIGURES} for arm, each in figures.items()
    }
    print("\n" + "\n".join(_table(setting, backbone, arms)), flush=True)
    return {"setting": setting, "backbone": backbone, "device": figures["random"][0]["device"], "arms": arms}


def _table(setting: str, backbone: str, arms: dict[str, Json]) -> list[str]:
    lines = [f"| {backbone}, {setting} | s an epoch | of random | act | learn |", "|---|---|---|---|---|"]
    for arm, figures in arms.items():
        seconds = figures["epoch_seconds"]
        ratio = seconds / arms["random"]["epoch_seconds"]
        shares = " | ".join(f"{figures[f'{part}_seconds'] / seconds:.0%}" for part in ("act", "learn"))
        lines.append(f"| {arm} | {seconds:.2f} | x{ratio:.2f} | {shares} |")
    return lines


def _options() -> Any:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", required=True, help="folder with amazon-scientific/ and so on")
    parser.add_argument("--work", required=True, help="folder for all results; kept for the next run")
    parser.add_argument("--json", help="write the rows here as well")
    parser.add_argument("--dataset", default="scientific", choices=list(DATASETS))
    parser.add_argument("--backbone", nargs="+", default=["simgcl", "lightccf"], choices=list(BACKBONES))
    parser.add_argument("--setting", nargs="+", default=list(SETTINGS), choices=list(SETTINGS))
    others = [arm for arm in ARMS if arm != "random"]
    parser.add_argument("--arm", nargs="+", default=others, choices=others, help="timed beside random")
    parser.add_argument("--epochs", type=int, default=3, help="epochs timed in each turn, after one more")
    parser.add_argument("--rounds", type=int, default=3, help="turns of each arm")
    return parser.parse_args()


if __name__ == "__main__":
    main()
