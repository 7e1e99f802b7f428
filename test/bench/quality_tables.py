#!/usr/bin/env python3
"""Tables in Markdown from the stored rows of base_quality.py and quality.py; trains nothing.

npm run bench -- quality_tables [FILE ...]
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).parents[1] / "support" / "python"))

from study_settings import METRICS

Json = dict[str, Any]
RESULTS = Path(__file__).parent / "results"
_TUNED = ("base", "dseg", "random", "full")
_TITLES = {"recall@20": "Recall@20", "ndcg@20": "NDCG@20"}


def main() -> None:
    """Prints the table of each file, and last what `full` gained in each study."""
    studies: list[Json] = []
    for path in _options().file:
        rows = json.loads(Path(path).read_text())["rows"]
        studies += [row for row in rows if "full" in row.get("variants", {})]
        for lines in tables(rows):
            print("\n".join(lines), end="\n\n")
    if studies:
        print("\n".join(gain_table(studies)))


def tables(rows: list[Json]) -> Iterable[list[str]]:
    """One table of base quality, or one for each backbone and data set of the study."""
    if "runs" in rows[0]:
        yield base_table(rows)
        return
    yield from (probe_table(row) if "probes" in row else study_table(row) for row in rows)


def base_table(rows: list[Json]) -> list[str]:
    """Backbones by data sets, mean and standard deviation over seeds."""
    datasets = list(dict.fromkeys(row["dataset"] for row in rows))
    cells = {(row["backbone"], row["dataset"]): row["runs"] for row in rows}
    heads = [f"{dataset}: {_TITLES[metric]}" for dataset in datasets for metric in METRICS]
    lines = _head(["", *heads])
    for backbone in dict.fromkeys(row["backbone"] for row in rows):
        figures = [_spread(cells[backbone, dataset], metric) for dataset in datasets for metric in METRICS]
        lines.append(_line([backbone, *figures]))
    return lines


def study_table(row: Json) -> list[str]:
    """Variants, with the difference from `full` of each, its interval and p after Holm, and its figures.

    The last columns are means over seeds: variance of NDCG@20 over groups of users, in 1e-5, share of hard
    candidates among the chosen, and temperature of the groups of lowest and highest degree: of items, or of
    users where no item is an anchor.
    """
    compared = {(one["name"], one["metric"]): one for one in row["comparison"]}
    lines = _head(
        [
            _about(row),
            *("NDCG@20", "Recall@20", "from full", "95 %", "p, Holm"),
            *("group variance", "hard", "tau, low to high degree"),
        ]
    )
    for name, runs in row["variants"].items():
        told = compared.get((name, "ndcg@20"), {})
        rest = ["", "", ""]
        if told.get("difference") is not None:
            low, high = told["interval_low"], told["interval_high"]
            rest = [f"{told['difference']:+.4f}", f"{low:+.4f} to {high:+.4f}", f"{told['p_holm']:.3f}"]
        cells = [_spread(runs, "ndcg@20"), _spread(runs, "recall@20"), *rest, *_figures(runs)]
        lines.append(_line([name, *cells]))
    return lines


def gain_table(studies: list[Json]) -> list[str]:
    """What `full` gained over `base`, and over the better control with its interval and its p after Holm."""
    heads = ["", "seeds", *_TUNED, "over base", "over the better control [95 %]", "p"]
    return _head(heads) + [_line(_gain(row)) for row in studies]


def _gain(row: Json) -> list[str]:
    runs = {name: row["variants"][name] for name in _TUNED if name in row["variants"]}
    means = {name: statistics.mean(run["metrics"]["ndcg@20"] for run in each) for name, each in runs.items()}
    control = max(means.keys() - {"base", "full"}, key=lambda name: means[name])
    over = [f"{100 * (means['full'] / means[name] - 1):+.1f} %" for name in ("base", control)]
    told = {one["name"]: one for one in row["comparison"] if one["metric"] == "ndcg@20"}[control]
    # the comparison tells the control's distance from `full`
    over[1] += f" [{-told['interval_high']:+.4f}, {-told['interval_low']:+.4f}]"
    figures = [_spread(runs[name], "ndcg@20") if name in runs else "" for name in _TUNED]
    return [_about(row), str(len(runs["full"])), *figures, *over, f"{told['p_holm']:.3f}"]


def _about(row: Json) -> str:
    parts = [row["backbone"], row["dataset"]]
    return ", ".join([*parts, json.dumps(row["change"])] if row.get("change") else parts)


def _figures(runs: list[Json]) -> list[str]:
    told = [run["figures"] for run in runs]
    variance = statistics.mean(each["group_variance"] for each in told)
    cells = [f"{1e5 * variance:.2f}", "", ""]
    if "hard" in told[0]:
        cells[1] = f"{statistics.mean(each['hard'][0] for each in told):.0%}"
    if "temperatures" in told[0]:
        by_group = [each["temperatures"]["items"] or each["temperatures"]["users"] for each in told]
        ends = [statistics.mean(groups[end] for groups in by_group) for end in (0, -1)]
        cells[2] = f"{ends[0]:.3f} to {ends[1]:.3f}"
    return cells


def probe_table(row: Json) -> list[str]:
    """Single changes of `full`: NDCG@20 on valid with one seed, and how far from `full` as it is."""
    reference = row["probes"][0]["ndcg@20"]
    lines = _head([_about(row), "NDCG@20 on valid", "from full"])
    for probe in row["probes"]:
        change = f"{100 * (probe['ndcg@20'] / reference - 1):+.1f} %"
        lines.append(_line([probe["probe"], f"{probe['ndcg@20']:.4f}", change]))
    return lines


def _spread(runs: list[Json], metric: str) -> str:
    values = [run["metrics"][metric] for run in runs]
    spread = f" ±{statistics.stdev(values):.4f}" if len(values) > 1 else ""
    return f"{statistics.mean(values):.4f}{spread}"


def _head(cells: list[str]) -> list[str]:
    return [_line(cells), _line(["---"] * len(cells))]


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _options() -> Any:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    stored = sorted(RESULTS.glob("base_quality*.json")) + sorted(RESULTS.glob("policy_*.json"))
    parser.add_argument("file", nargs="*", default=stored, help="rows; default: those of test/bench/results/")
    return parser.parse_args()


if __name__ == "__main__":
    main()
