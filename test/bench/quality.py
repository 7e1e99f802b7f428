#!/usr/bin/env python3
"""Measure the gain of the policy: every variant of Table 2 compared with tuned controls on real data over
seeds.

    npm run bench:quality -- --data DATA --work WORK --json out.json

For each backbone and data set, four arms are tuned on the valid part with seed 0 and the same number of
trials (`--trials`): `base`, `dseg`, `random` and `full`. `TRIALS` lists the trials of each arm. `random`
starts from the best trial of `dseg`, and `full` from the best of `random`. The other variants use the
setting of `full` (`no_dseg` without semantic ids). `--change` is then applied to every arm with semantic
ids. Then every variant is trained with each seed, the test part is scored once for each run, and the
variants are compared with `full` by paired tests over users, with Holm's correction over the family.
`--probe` trains single changes of `full` and scores them on the valid part, to look for causes. Each run is
one process with one thread. A benchmark that was stopped continues with the runs that are missing. `--json`
stores every row with its resolved spec and the digest of the code.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).parents[1] / "support" / "python"))

from bench_steps import Json, Steps
from quality_tables import tables
from study_figures import figures
from study_settings import BACKBONES, DATASETS, METRICS, base_spec, how_prepared, prepared, with_ids

POOL: Json = {"contrast": "backbone", "pool_size": 512, "num_negatives": 256}
HGPO: Json = {"name": "hgpo", "policy_anchors": 128}

TRIALS: dict[str, tuple[Json, ...]] = {
    "base": (
        {},
        {"backbone": {"temperature": 0.15}},
        {"backbone": {"temperature": 0.25}},
        {"backbone": {"contrast_weight": 0.05}},
        {"backbone": {"contrast_weight": 0.5}},
    ),
    "dseg": (
        {},
        {"fusion": {"learning_rate_factor": 0.003}},
        {"fusion": {"learning_rate_factor": 0.1}},
        {"fusion": {"learning_rate_factor": 0.3}},
        {"optimizer": {"embedding_l2": 1e-3}},
    ),
    "random": (
        {},
        {"policy": {"num_negatives": 128}},
        {"policy": {"pool_size": 1024, "num_negatives": 512}},
        {"policy": {"num_negatives": 64}},
        {"policy": {"pool_sampling": "mixed"}},
    ),
    "full": (
        {},
        {"policy": {"num_negatives": 128}},
        {"policy": {"hard_threshold": 0.2}},
        {"policy": {"target_temperature_slope": 1.0}},
        {"policy": {"false_negative_threshold": 0.98, "positive_similarity_threshold": 0.98}},
    ),
}
NEAR_POSITIVE: Json = {"easy_threshold": 0.0, "hard_threshold": 0.0, "positive_similarity_threshold": 0.95}
PROBES: dict[str, Json] = {
    "structural contrast": {"policy": {"contrast": "structural"}},
    "both contrasts": {"policy": {"contrast": "both"}},
    "absolute thresholds": {"policy": {"thresholds": "absolute"}},
    "false from .998 on": {
        "policy": {"false_negative_threshold": 0.998, "positive_similarity_threshold": 0.998}
    },
    "false from .98 on": {
        "policy": {"false_negative_threshold": 0.98, "positive_similarity_threshold": 0.98}
    },
    "near the positive is false, all else good": {"policy": NEAR_POSITIVE},
    "only the easiest fifth is avoided": {"policy": {"hard_threshold": 0.2}},
    "only the top fifth is hard": {"policy": {"easy_threshold": 0.5, "hard_threshold": 0.8}},
    "near positives out of the pool": {"policy": {"max_positive_similarity_quantile": 0.95}},
    "t0 = 1": {"policy": {"target_temperature_scale": 1.0}},
    "slope 1": {"policy": {"target_temperature_slope": 1.0}},
    "slope 0": {"policy": {"target_temperature_slope": 0.0}},
    "slope -.5": {"policy": {"target_temperature_slope": -0.5}},
    "sharp selection": {"policy": {"entropy_weight": 0.02}},
    "soft selection": {"policy": {"entropy_weight": 1.0}},
    "pool of 1,024": {"policy": {"pool_size": 1024}},
    "pool of 2,048": {"policy": {"pool_size": 2048}},
    "pool of 8,192": {"policy": {"pool_size": 8192}},
    "M = 64": {"policy": {"num_negatives": 64}},
    "M = 128": {"policy": {"num_negatives": 128}},
    "M = 256": {"policy": {"num_negatives": 256}},
    "faster policy": {"policy": {"learning_rate": 1e-3}},
    "four inner steps": {"policy": {"update_epochs": 4}},
    "warm-up of 10 epochs": {"policy": {"warmup_epochs": 10}},
    "weights, no choice": {"policy": {"weighting": "soft"}},
    "weighed up to the pool": {"policy": {"rescale_negatives": True}},
    "pool by popularity": {"policy": {"pool_sampling": "popularity"}},
    "mixed pool": {"policy": {"pool_sampling": "mixed"}},
    "relative temperature": {"policy": {"relative_temperature": True}},
    "fixed temperature": {"policy": {"learn_temperature": False}},
    "item graph of 10 neighbours": {"fusion": {"neighbors": 10}},
}
"""Single changes of `full`, by their name in the table."""
VARIANTS = ("base", "dseg", "random", "no_dseg", "no_adaptive_tau", "random_neg", "no_harm", "grpo", "full")


class Study:
    """One backbone on one data set."""

    def __init__(self, steps: Steps, options: argparse.Namespace, backbone: str, dataset: str) -> None:
        self._steps, self._options = steps, options
        self.backbone, self.dataset = backbone, dataset
        self._made = prepared(steps, dataset)
        self.valid: dict[str, list[Json]] = {}

    def rows(self) -> Json:
        """Return the figures of the study: chosen settings, each run, and the comparison with `full`."""
        chosen = self.tune()
        variants = {name: self._changed(self._variant(name, chosen)) for name in self._options.variant}
        cells = [(name, seed) for seed in range(self._options.seeds) for name in variants]
        rows = self._steps.each(lambda cell: self._test(variants[cell[0]], cell[1]), cells)
        runs: dict[str, list[Json]] = {name: [] for name in variants}
        for (name, _), row in zip(cells, rows, strict=True):
            runs[name].append(row)
        return {
            "backbone": self.backbone,
            "dataset": self.dataset,
            "valid": self.valid,
            "change": self._options.change,
            "variants": runs,
            "comparison": self._compare(runs),
        }

    def tune(self) -> dict[str, Json]:
        """Return the best spec of each tuned arm, by NDCG@20 on the valid part."""
        start = base_spec(self._made, self.dataset, self.backbone, device=self._options.device)
        base = self._best("base", start)
        dseg = self._best("dseg", with_ids(base, self._made))
        random = self._best("random", merged(dseg, {"policy": {"name": "random", **POOL}}))
        full = self._best("full", merged(random, {"policy": HGPO}))
        return {"base": base, "dseg": dseg, "random": random, "full": full}

    def probes(self) -> Json:
        """Return NDCG@20 on the valid part for single changes of `full`, with seed 0."""
        full = self.tune()["full"]
        cases = {"full": full, **{name: merged(full, change) for name, change in PROBES.items()}}
        values = self._steps.each(self._valid, cases.values())
        probes = [
            {"probe": name, "ndcg@20": value, "change": PROBES.get(name, {})}
            for name, value in zip(cases, values, strict=True)
        ]
        return {"backbone": self.backbone, "dataset": self.dataset, "probes": probes}

    def _best(self, arm: str, start: Json) -> Json:
        specs = [merged(start, change) for change in TRIALS[arm][: self._options.trials]]
        values = self._steps.each(self._valid, specs)
        self.valid[arm] = [
            {"change": change, "ndcg@20": value} for change, value in zip(TRIALS[arm], values, strict=False)
        ]
        return specs[max(range(len(values)), key=lambda at: values[at])]

    def _valid(self, spec: Json) -> float:
        return self._steps.run("train", spec)["metrics"]["ndcg@20"]

    def _variant(self, name: str, chosen: Mapping[str, Json]) -> Json:
        if name in chosen:
            return chosen[name]
        return {**chosen["full"], "variant": name}

    def _changed(self, spec: Json) -> Json:
        has_ids = "semantic_ids" in spec and spec.get("variant") != "no_dseg"
        return merged(spec, self._options.change) if has_ids else spec

    def _test(self, spec: Json, seed: int) -> Json:
        seeded = {**spec, "seed": seed}
        result = self._steps.run("train", seeded)
        request = {"model": result["model"]["id"], "threads": 1}
        scored = self._steps.run("evaluate", request)
        return {
            "seed": seed,
            **self._steps.row("train", seeded),
            "best_epoch": result["best_epoch"],
            "report": scored["report"]["id"],
            "metrics": {name: round(scored["metrics"][name], 6) for name in METRICS},
            "figures": figures(self._steps, result["model"]["id"], scored["report"]["id"]),
        }

    def _compare(self, runs: Mapping[str, list[Json]]) -> list[Json]:
        if "full" not in runs or len(runs) < 2:
            return []
        entries = [{"name": name, "reports": [run["report"] for run in each]} for name, each in runs.items()]
        request = {"entries": entries, "baseline": "full", "metrics": list(METRICS)}
        return self._steps.run("compare", request)["rows"]


def merged(spec: Json, change: Json) -> Json:
    """Return `spec` with the fields of `change`, nested records merged."""
    result = dict(spec)
    for name, value in change.items():
        inner = result.get(name)
        result[name] = merged(inner, value) if isinstance(inner, dict) and isinstance(value, dict) else value
    return result


def main() -> None:
    """Train the missing runs, then print the tables."""
    options = _options()
    steps = Steps(Path(options.work), [Path(options.data)], processes=options.processes)
    studies = [Study(steps, options, one, data) for data in options.dataset for one in options.backbone]
    rows: list[Json] = []
    for study in studies:
        rows.append(study.probes() if options.probe else study.rows())
        (lines,) = tables(rows[-1:])
        print("\n" + "\n".join(lines), flush=True)
        if options.json:
            datasets = how_prepared(steps, {row["dataset"] for row in rows})
            out = {"trials": options.trials, "datasets": datasets, "rows": rows}
            Path(options.json).write_text(json.dumps(out, indent=1) + "\n")


def _options() -> Any:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", required=True, help="folder with amazon-scientific/ and so on")
    parser.add_argument("--work", required=True, help="folder for all results; kept for the next run")
    parser.add_argument("--json", help="write the rows here as well")
    parser.add_argument("--dataset", nargs="+", default=["scientific", "office"], choices=list(DATASETS))
    parser.add_argument("--backbone", nargs="+", default=["simgcl", "lightccf"], choices=list(BACKBONES))
    parser.add_argument("--variant", nargs="+", default=list(VARIANTS), choices=VARIANTS)
    parser.add_argument("--trials", type=int, default=3, help="settings tried in each tuned arm, at most 5")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--processes", type=int, default=1, help="runs at a time, one thread each")
    parser.add_argument("--device", default="cpu", choices=["cpu", "cuda"])
    parser.add_argument("--change", type=json.loads, default={}, help="JSON, e.g. fusion.neighbors for all")
    parser.add_argument("--probe", action="store_true", help="single changes of full on valid, nothing else")
    return parser.parse_args()


if __name__ == "__main__":
    main()
