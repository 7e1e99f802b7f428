#!/usr/bin/env python3
"""Measure an epoch and an evaluation of every backbone, compare with RecBole 1.2.1, and check the threads.

    npm run bench:speed -- --data DATA --work WORK [--json out.json]

backbones - ml-100k, Scientific (amazon-scientific/ of --data) and, with CUDA, a generated graph of the size
            of Yelp: seconds, the peak of memory next to the estimate from before the start, and the minimum
            number of bytes that an epoch moves relative to what the machine copies in the same time.
recbole   - RecBole 1.2.1 in an environment of its own under --work, which is created if it is missing. The
            two libraries take turns on one thread of this machine, and their medians are compared.
threads   - the worker's choice of threads compared with one thread, alone and next to a process that keeps
            one core busy.

Machines are noisy, so compare figures of one run only.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

sys.path.append(str(Path(__file__).parents[1] / "support" / "python"))

from bench_steps import Json, Steps
from speed_runs import SUPPORT, json_of, threads_env, timed

BACKBONES = (
    "mf",
    "lightgcn",
    "lightccf",
    "sgl",
    "simgcl",
    "lightgcl",
    "sccf",
    "vgcl",
    "nescl",
    "cikg",
    "autograph",
)
SOURCES: dict[str, Json] = {
    "ml-100k": {"source": {"builtin": "movielens-100k"}, "filter": {"k_core": 1}},
    "scientific": {"source": {"path": "amazon-scientific", "format": "json_maps"}},
    "yelp-size": {"source": {"generator": {"size": "yelp2018-size"}}},
}
RECBOLE = (
    "torch==2.13.0",
    "numpy==1.26.4",
    "scipy==1.11.4",
    "pandas<2.3",
    "setuptools<80",
    "recbole==1.2.1",
)
PAIRS = {"default": 4096, "large": 1 << 21}
"""Its batch of an evaluation counts user x item pairs: the default, and one that takes all users at once."""


def main() -> None:
    """Run the requested parts and print a table for each."""
    options = _options()
    bench = Bench(options)
    figures = {part: getattr(bench, part)() for part in options.part}
    if options.json:
        Path(options.json).write_text(json.dumps(figures, indent=2) + "\n")


class Bench:
    """The parts of the benchmark. Each returns its rows."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._options = options
        self._work = Path(options.work).resolve()
        self._steps = Steps(self._work, [Path(options.data)] if options.data else [])

    def backbones(self) -> list[Json]:
        """Measure every backbone on every available data set."""
        import torch

        names = [name for name in self._options.dataset if name != "scientific" or self._options.data]
        if "yelp-size" in names and not torch.cuda.is_available():
            names.remove("yelp-size")
        copied = _copy_bytes_per_second("cuda" if torch.cuda.is_available() else "cpu")
        print(f"this machine copies {copied / 1e9:.1f} GB/s on one thread")
        columns = (("epoch s", 8), ("evaluate s", 10), ("peak MB", 8), ("estimate", 8), ("bound", 6))
        print(f"{'':10} {'data':12}", *(f"{name:>{width}}" for name, width in columns))
        rows = []
        for dataset in names:
            for backbone in self._options.backbone:
                row = self._one({"backbone": {"name": backbone}}, dataset)
                share = row["least_bytes"] / copied / row["epoch_seconds"]
                memory = f"{row['peak_bytes'] / 1e6:8.0f} {row['estimated_bytes'] / 1e6:8.0f}"
                print(
                    f"{backbone:10} {dataset:12} {row['epoch_seconds']:8.3f}"
                    f" {row['evaluation_seconds']:10.4f} {memory} {share:6.1%}",
                    flush=True,
                )
                rows.append({"backbone": backbone, "dataset": dataset, "share_of_bound": share, **row})
        return rows

    def recbole(self) -> list[Json]:
        """Measure both libraries in turns, three times."""
        python = self._recbole_python()
        rows = []
        for ours, theirs in (("lightgcn", "LightGCN"), ("mf", "BPR")):
            results: dict[str, list[Json]] = {"ours": [], "theirs": [], "large": []}
            for _ in range(self._options.rounds):
                results["ours"].append(self._one({"backbone": {"name": ours}, "epochs": 5}, "ml-100k"))
                results["theirs"].append(self._theirs(python, theirs, PAIRS["default"]))
                results["large"].append(self._theirs(python, theirs, PAIRS["large"]))
            row: Json = {"ours": ours, "theirs": f"RecBole {theirs}"}
            for what in ("epoch_seconds", "evaluation_seconds"):
                mine, other = (median(one[what] for one in results[side]) for side in ("ours", "theirs"))
                row[what] = {"ours": mine, "theirs": other, "ratio": other / mine}
                print(f"{ours:9} {what:18} {mine:.4f}  RecBole {other:.4f}  x{other / mine:.1f}", flush=True)
            best = median(one["evaluation_seconds"] for one in results["large"])
            row["evaluation_seconds_of_their_best_batch"] = best
            ratio = best / row["evaluation_seconds"]["ours"]
            print(f"{'':9} with a batch of all users: RecBole {best:.4f}  x{ratio:.1f}", flush=True)
            rows.append(row)
        return rows

    def threads(self) -> list[Json]:
        """Compare the worker's choice of threads with one thread."""
        rows = []
        for busy in (0, 1):
            with _spinners(busy):
                chosen = _chosen_threads()
                figures = {}
                for name, threads in (("one thread", 1), ("chosen", chosen)):
                    results = [
                        self._one({"backbone": {"name": "lightgcn"}, "threads": threads}, "ml-100k")
                        for _ in range(self._options.rounds)
                    ]
                    figures[name] = median(one["epoch_seconds"] for one in results)
            ratio = figures["chosen"] / figures["one thread"]
            epoch = f"{figures['chosen']:.3f} s an epoch, x{ratio:.2f} of one thread"
            print(f"{busy} busy: {chosen} chosen, {epoch}")
            rows.append({"busy_processes": busy, "threads": chosen, "seconds": figures, "ratio": ratio})
        return rows

    def _one(self, request: Json, dataset: str) -> Json:
        prepared = self._steps.run("preprocess", SOURCES[dataset])["dataset"]["id"]
        return timed(self._steps, prepared, request)

    def _theirs(self, python: Path, model: str, pairs: int) -> Json:
        folder = self._work / "recbole-runs"
        folder.mkdir(exist_ok=True)
        command = [str(python), str(SUPPORT / "recbole_one.py"), model, str(folder), "5", str(pairs)]
        return json_of(command, threads_env(1))

    def _recbole_python(self) -> Path:
        """Return the Python of an environment with RecBole; pip uses the configured index."""
        folder = Path(self._options.recbole or self._work / "recbole")
        python = folder / "bin" / "python"
        if not (folder / "lib").exists():
            venv.create(folder, with_pip=True)
            subprocess.run([python, "-m", "pip", "install", "-q", *RECBOLE], check=True)
        return python


def _chosen_threads() -> int:
    choose = "from lghrec_compute.worker.threads import choose_threads"
    command = f"{choose}; print(choose_threads(None, edges=80_000).count)"
    done = subprocess.run([sys.executable, "-c", command], stdout=subprocess.PIPE, check=True, text=True)
    return int(done.stdout)


@contextmanager
def _spinners(count: int) -> Iterator[None]:
    """Start processes that each keep one core busy."""
    spinning = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]
    time.sleep(1)
    try:
        yield
    finally:
        for process in spinning:
            process.kill()
            process.wait()


def _copy_bytes_per_second(device: str) -> float:
    """Return the bytes per second that a copy of a table larger than any cache reads and writes."""
    import torch

    source = torch.ones(2**26, device=device)
    target = torch.empty_like(source)
    seconds = []
    for _ in range(4):
        started = time.perf_counter()
        target.copy_(source)
        target[0].item()
        seconds.append(time.perf_counter() - started)
    return 2 * source.nbytes / min(seconds)


def _options() -> Any:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", help="folder with amazon-scientific/; left out: no Scientific")
    parser.add_argument("--work", required=True, help="folder for all results; kept for the next run")
    parser.add_argument("--json", help="write the figures here as well")
    parts = ["backbones", "recbole", "threads"]
    parser.add_argument("--part", nargs="+", default=parts, choices=parts)
    parser.add_argument("--dataset", nargs="+", default=list(SOURCES), choices=list(SOURCES))
    parser.add_argument("--backbone", nargs="+", default=list(BACKBONES), choices=list(BACKBONES))
    parser.add_argument("--rounds", type=int, default=3, help="turns of each side")
    parser.add_argument("--recbole", help="environment that has RecBole already")
    return parser.parse_args()


if __name__ == "__main__":
    main()
