#!/usr/bin/env python3
"""Measure the value of semantic ids: NDCG@20 of LightGCN without them and with each text source, on real
data.

    python test/bench/semantic_quality.py --data DATA --json out.json

DATA contains amazon-scientific/ and amazon-office/, each with interactions.json {user: [item, ...]} and
items.json {item: {field: text}}. Each step is one process with one thread and uses the pipelines of the
server. The result of a step is stored below --work under the digest of its specification, so a benchmark
that was stopped continues.

Settings are chosen on the valid part with seed 0, with `--trials` trials for each variant. `none`, which
has no fusion, varies the weight of the embedding norm. The other variants take the best weight of `none`
and vary the learning rate of the fusion matrix. Then three seeds are trained, and each model is scored on
the test part once. Intervals are 95 % intervals of a paired bootstrap over users of the mean over seeds.
`--variant base_cot` uses texts of the bundled language model, which takes a few seconds per item with one
thread. `--sample N` keeps the N items with the most interactions (ties by name), and then the 3-core
instead of the 5-core, for all variants.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np

sys.path.append(str(Path(__file__).parents[1] / "support" / "python"))

from bench_steps import Json, Steps

DATASETS = {"scientific": "amazon-scientific", "office": "amazon-office"}
VARIANTS = {"none": None, "raw_text": "raw_text", "extractive": "extractive", "base_cot": "llamacpp"}
REGULARIZATIONS = (1e-4, 1e-3, 1e-5, 1e-6)
FUSION_FACTORS = (0.01, 0.1, 0.003, 0.001)
SEEDS = (0, 1, 2)
METRICS = ("ndcg@20", "recall@20")
RESAMPLES = 10_000
CORE_OF_SAMPLE = 3


def main() -> None:
    """Train the missing runs, then print the table."""
    options = _options()
    bench = Bench(options)
    rows = [row for name in options.dataset for row in bench.rows(name, options.variant)]
    _show(rows, options)
    if options.json:
        out = {"settings": _settings(options), "rows": rows}
        Path(options.json).write_text(json.dumps(out, indent=2) + "\n")


class Bench:
    """Run each step once, in a process of its own."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._options = options
        roots = [Path(options.data), Path(options.work)]
        self._steps = Steps(Path(options.work), roots, processes=options.processes)

    def rows(self, dataset: str, variants: list[str]) -> Iterator[Json]:
        """Return a row for each variant. `none` is first, because the others use its weight of the
        embedding norm."""
        prepared = {variant: self._prepare(dataset, variant) for variant in variants}
        plain = {"embedding_l2": REGULARIZATIONS[0], "factor": None}
        base: np.ndarray | None = None
        for variant in variants:
            trials = [
                {**plain, "factor": value} if VARIANTS[variant] else {**plain, "embedding_l2": value}
                for value in (FUSION_FACTORS if VARIANTS[variant] else REGULARIZATIONS)[
                    : self._options.trials
                ]
            ]
            refs = prepared[variant]
            results = self._steps.each(lambda one, refs=refs: self._train(refs, one, SEEDS[0]), trials)
            best = max(range(len(trials)), key=lambda at: results[at]["metrics"]["ndcg@20"])
            if variant == "none":
                plain = trials[best]
            tested = self._steps.each(
                lambda seed, refs=refs, one=trials[best]: self._test(refs, one, seed), SEEDS
            )
            figures = {name: np.array([one[name] for one in tested]) for name in METRICS}
            row: Json = {
                "dataset": dataset,
                "variant": variant,
                "chosen": trials[best],
                "valid": [
                    [one, result["metrics"]["ndcg@20"]] for one, result in zip(trials, results, strict=True)
                ],
                "epochs": [one["best_epoch"] for one in tested],
                **{name: values.mean(axis=1).tolist() for name, values in figures.items()},
            }
            mean_U = figures["ndcg@20"].mean(axis=0)
            if variant == "none":
                base = mean_U
            elif base is not None:
                row["gain"] = _interval(mean_U - base)
            yield row

    def _prepare(self, dataset: str, variant: str) -> Json:
        options = self._options
        semantic: Json = {"text_source": VARIANTS[variant], "transform": options.transform}
        if VARIANTS[variant] == "llamacpp":
            semantic["generation"] = {"prompt": options.prompt, "timeout_seconds": 3600}
        spec: Json = {"source": {"path": _source(dataset, options), "format": "json_maps"}}
        if options.sample is not None:
            spec["filter"] = {"k_core": CORE_OF_SAMPLE}
        if VARIANTS[variant]:
            spec["semantic"] = semantic
        return self._steps.run("preprocess", spec)

    def _train(self, refs: Json, setting: Json, seed: int) -> Json:
        options = self._options
        spec: Json = {
            "dataset": refs["dataset"]["id"],
            "backbone": {"name": "lightgcn"},
            "optimizer": {
                "learning_rate": options.learning_rate,
                "embedding_l2": setting["embedding_l2"],
            },
            "epochs": options.epochs,
            "early_stop": {"patience": options.patience},
            "checkpoint": {"every_epochs": options.epochs},
            "seed": seed,
            "threads": 1,
        }
        if "semantic_ids" in refs:
            spec["semantic_ids"] = refs["semantic_ids"]["id"]
            spec["fusion"] = {"method": options.fusion, "learning_rate_factor": setting["factor"]}
        return self._steps.run("train", spec)

    def _test(self, refs: Json, setting: Json, seed: int) -> Json:
        trained = self._train(refs, setting, seed)
        scored = self._steps.run("evaluate", {"model": trained["model"]["id"], "threads": 1})
        per_user = {name: self._steps.per_user(scored["report"]["id"], name) for name in METRICS}
        return {**per_user, "best_epoch": trained["best_epoch"]}


def _source(dataset: str, options: argparse.Namespace) -> str:
    """Return the folder of the data set under one of the roots, after writing the sample if one is
    requested."""
    name = DATASETS[dataset]
    if options.sample is None:
        return name
    path = f"samples/top-{options.sample}/{name}"
    folder = Path(options.work) / path
    if not (folder / "items.json").is_file():
        whole = Path(options.data) / name
        users = {
            user: [str(item) for item in own]
            for user, own in json.loads((whole / "interactions.json").read_text()).items()
        }
        items: Json = json.loads((whole / "items.json").read_text())
        counts = Counter(item for own in users.values() for item in own)
        top = set(sorted(counts, key=lambda item: (-counts[item], item))[: options.sample])
        kept = {user: [item for item in own if item in top] for user, own in users.items()}
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "interactions.json").write_text(json.dumps(kept))
        (folder / "items.json").write_text(json.dumps({item: items[item] for item in items if item in top}))
    return path


def _interval(difference_U: np.ndarray) -> Json:
    """Return the mean and its 95 % interval; users are sampled with replacement."""
    rng = np.random.default_rng(0)
    num = len(difference_U)
    means = [difference_U[rng.integers(0, num, num)].mean() for _ in range(RESAMPLES)]
    low, high = np.percentile(means, [2.5, 97.5])
    return {"mean": float(difference_U.mean()), "low": float(low), "high": float(high), "users": num}


def _show(rows: list[Json], options: argparse.Namespace) -> None:
    print(json.dumps(_settings(options)))
    print(
        f"{'data set':11} {'variant':11} {'NDCG@20':16} {'recall@20':16} {'gain of NDCG@20 [95 %]':31} chosen"
    )
    for row in rows:
        shown = [f"{np.mean(row[name]):.4f} +- {np.std(row[name], ddof=1):.4f}" for name in METRICS]
        gain = row.get("gain")
        results = f"{gain['mean']:+.4f} [{gain['low']:+.4f}, {gain['high']:+.4f}]" if gain else ""
        chosen = row["chosen"]["factor"] or row["chosen"]["embedding_l2"]
        print(f"{row['dataset']:11} {row['variant']:11} {shown[0]:16} {shown[1]:16} {results:31} {chosen:g}")


def _settings(options: argparse.Namespace) -> Json:
    names = ("learning_rate", "epochs", "patience", "trials", "transform", "fusion", "sample", "prompt")
    return {name: getattr(options, name) for name in names}


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", required=True)
    parser.add_argument("--work", default=str(Path(tempfile.gettempdir()) / "lghrec-semantic-quality"))
    parser.add_argument("--json", help="file to write the figures to")
    parser.add_argument("--dataset", action="append", choices=sorted(DATASETS), help="may be given again")
    parser.add_argument("--variant", action="append", choices=sorted(VARIANTS), help="beside none")
    parser.add_argument("--transform", default="none", choices=["none", "center", "whiten", "pca"])
    parser.add_argument("--sample", type=int, metavar="N", help="the N items with most interactions alone")
    parser.add_argument("--prompt", default="fig4-two-shot@1", choices=["fig4@1", "fig4-two-shot@1"])
    parser.add_argument("--fusion", default="concat_linear", choices=["concat_linear", "weighted_sum"])
    parser.add_argument("--trials", type=int, default=4, choices=range(1, 5))
    parser.add_argument("--learning-rate", type=float, default=5e-3)
    parser.add_argument("--epochs", type=int, default=150)
    parser.add_argument("--patience", type=int, default=10)
    parser.add_argument("--processes", type=int, default=1)
    options = parser.parse_args()
    options.dataset = options.dataset or sorted(DATASETS)
    wanted = options.variant or ["raw_text", "extractive"]
    options.variant = ["none", *(variant for variant in wanted if variant != "none")]
    return options


if __name__ == "__main__":
    main()
