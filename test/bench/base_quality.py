#!/usr/bin/env python3
"""Measure every backbone without a policy on real data with texts: Recall@20 and NDCG@20 over seeds.

    python test/bench/base_quality.py --data DATA --work WORK --json out.json

DATA contains amazon-scientific/, amazon-office/ and ml-100k-plots/. The data are the 5-core, split 8:1:1 for
each user, with the settings of `study_settings.py`. Training stops early by NDCG@20 on the valid part; items
of train and valid are excluded from the lists, and the test part is scored once. Each run is one process with
one thread. A benchmark that was stopped continues with the runs that are missing, and `--work` may be the
folder of `bench:quality`, which has some of the same runs. The backbones use ids only, except those that
consist of texts; with `--semantic` all of them use semantic ids.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).parents[1] / "support" / "python"))

from bench_steps import Json, Steps
from quality_tables import base_table
from study_settings import BACKBONES, DATASETS, METRICS, base_spec, how_prepared, prepared, with_ids


def main() -> None:
    """Train the missing runs, then print the table."""
    options = _options()
    steps = Steps(Path(options.work), [Path(options.data)], processes=options.processes)
    cells = [
        (backbone, dataset, seed)
        for dataset in options.dataset
        for seed in range(options.seeds)
        for backbone in options.backbone
    ]
    runs = dict(zip(cells, steps.each(lambda cell: _run(steps, options, *cell), cells), strict=True))
    rows = [
        {
            "backbone": backbone,
            "dataset": dataset,
            "runs": [runs[backbone, dataset, seed] for seed in range(options.seeds)],
        }
        for dataset in options.dataset
        for backbone in options.backbone
    ]
    print("\n".join(base_table(rows)))
    if options.json:
        out = {"datasets": how_prepared(steps, options.dataset), "rows": rows}
        Path(options.json).write_text(json.dumps(out, indent=1) + "\n")


def _run(steps: Steps, options: Any, backbone: str, dataset: str, seed: int) -> Json:
    made = prepared(steps, dataset)
    spec = base_spec(made, dataset, backbone) | {"seed": seed}
    if options.semantic:
        spec = with_ids(spec, made)
    trained = steps.run("train", spec)
    scored = steps.run("evaluate", {"model": trained["model"]["id"], "threads": 1})
    return {
        "seed": seed,
        **steps.row("train", spec),
        "best_epoch": trained["best_epoch"],
        "metrics": {name: round(scored["metrics"][name], 6) for name in METRICS},
    }


def _options() -> Any:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", required=True, help="folder with amazon-scientific/ and so on")
    parser.add_argument("--work", required=True, help="folder for all results; kept for the next run")
    parser.add_argument("--json", help="write the rows here as well")
    parser.add_argument("--dataset", nargs="+", default=list(DATASETS)[:3], choices=list(DATASETS))
    parser.add_argument("--backbone", nargs="+", default=list(BACKBONES), choices=list(BACKBONES))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--processes", type=int, default=1, help="runs at a time, one thread each")
    parser.add_argument("--semantic", action="store_true", help="semantic ids for every backbone")
    return parser.parse_args()


if __name__ == "__main__":
    main()
