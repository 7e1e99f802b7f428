#!/usr/bin/env python3
"""Print the tables of the stored rows of base_quality.py and quality.py as Markdown; nothing is trained.

npm run bench -- quality_tables [FILE ...]
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).parents[1] / "support" / "python"))

from study_settings import METRICS

Json = dict[str, Any]
RESULTS = Path(__file__).parent / "results"
_ARMS = ("base", "dseg", "random", "full")
_TITLES = {"recall@20": "Recall@20", "ndcg@20": "NDCG@20"}


def main() -> None:
    """Print the table of each file, and after them the gains of `full` in each study."""
    studies: list[Json] = []
    for path in _options().file:
        rows = json.loads(Path(path).read_text())["rows"]
        studies += [row for row in rows if "full" in row.get("variants", {})]
        for lines in tables(rows):
            print("\n".join(lines), end="\n\n")
    if studies:
        heads = ["", "seeds", *_ARMS, "over base", "over the better control", "p"]
        print("\n".join(table(heads, [gain_row(row, _title(row), _ARMS) for row in studies])))


def tables(rows: list[Json]) -> Iterable[list[str]]:
    """Yield the table of base quality, or one table for each backbone and data set of a study."""
    if "runs" in rows[0]:
        yield base_table(rows)
        return
    for row in rows:
        lines = probe_table(row) if "probes" in row else study_table(row)
        yield [f"**{_title(row)}**", "", *lines]


def base_table(rows: list[Json], names: Mapping[str, str] | None = None) -> list[str]:
    """Return the table of backbones by data sets: mean and standard deviation over seeds."""
    shown = names or {}
    datasets = list(dict.fromkeys(row["dataset"] for row in rows))
    cells = {(row["backbone"], row["dataset"]): row["runs"] for row in rows}
    heads = [
        f"{shown.get(dataset, dataset)}: {_TITLES[metric]}" for dataset in datasets for metric in METRICS
    ]
    lines = []
    for backbone in dict.fromkeys(row["backbone"] for row in rows):
        figures = [spread(cells[backbone, dataset], metric) for dataset in datasets for metric in METRICS]
        lines.append([shown.get(backbone, backbone), *figures])
    return table(["", *heads], lines)


def study_table(row: Json) -> list[str]:
    """Return the table of all variants of one study.

    It contains the difference of each variant from `full` with its interval and its p-value after Holm's
    correction. The last columns are means over seeds: the variance of NDCG@20 over groups of users in units
    of 1e-5, the share of hard candidates among the chosen negatives, and the temperatures of the groups of
    lowest and highest degree (of items, or of users where no item is an anchor).
    """
    compared = {(one["name"], one["metric"]): one for one in row["comparison"]}
    lines = []
    for name, runs in row["variants"].items():
        difference = compared.get((name, "ndcg@20"), {})
        rest = ["", "", ""]
        if difference.get("difference") is not None:
            low, high = difference["interval_low"], difference["interval_high"]
            rest = [f"{difference['difference']:+.4f}", f"{low:+.4f} to {high:+.4f}", _p_value(difference)]
        cells = [spread(runs, "ndcg@20"), spread(runs, "recall@20"), *rest, *_figures(runs)]
        lines.append([f"`{name}`", *cells])
    heads = ["variant", "NDCG@20", "Recall@20", "difference from `full`", "95 %", "p"]
    return table([*heads, "group variance", "hard", "temperature, low to high degree"], lines)


def gain_row(row: Json, title: str, arms: Sequence[str]) -> list[str]:
    """Return the cells of one study: NDCG@20 of the arms, and the gain of `full` over `base` and a control.

    The control is the better arm of those between `base` and `full`. Its interval and p-value are those of
    the paired test over users.
    """
    runs = {name: row["variants"].get(name, []) for name in arms}
    means = {
        name: statistics.mean(run["metrics"]["ndcg@20"] for run in each)
        for name, each in runs.items()
        if each
    }
    control = max(means.keys() - {"base", "full"}, key=lambda name: means[name])
    over = [f"{100 * (means['full'] / means[name] - 1):+.1f} %" for name in ("base", control)]
    difference = next(
        one for one in row["comparison"] if (one["name"], one["metric"]) == (control, "ndcg@20")
    )
    # the comparison contains the difference of the control from `full`, so its interval is mirrored here
    over[1] += f" ({-difference['interval_high']:+.4f} to {-difference['interval_low']:+.4f})"
    figures = [spread(each, "ndcg@20") if each else "" for each in runs.values()]
    return [title, str(len(runs["full"])), *figures, *over, _p_value(difference)]


def probe_table(row: Json) -> list[str]:
    """Return the table of single changes of `full`: NDCG@20 on the valid part with one seed."""
    reference = row["probes"][0]["ndcg@20"]
    lines = []
    for probe in row["probes"]:
        change = f"{100 * (probe['ndcg@20'] / reference - 1):+.1f} %"
        lines.append([probe["probe"], f"`{json.dumps(probe['change'])}`", f"{probe['ndcg@20']:.4f}", change])
    return table(["change", "in the spec", "NDCG@20 on valid", "from `full`"], lines)


def spread(runs: list[Json], metric: str) -> str:
    """Return the mean of a metric over the runs, with the standard deviation if there are several."""
    values = [run["metrics"][metric] for run in runs]
    deviation = f" ± {statistics.stdev(values):.4f}" if len(values) > 1 else ""
    return f"{statistics.mean(values):.4f}{deviation}"


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the lines of a Markdown table."""
    return [_line(heads), _line(["---"] * len(heads)), *(_line(row) for row in rows)]


def _p_value(difference: Json) -> str:
    p = difference["p_holm"]
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def _title(row: Json) -> str:
    parts = [row["backbone"], row["dataset"]]
    return ", ".join([*parts, json.dumps(row["change"])] if row.get("change") else parts)


def _figures(runs: list[Json]) -> list[str]:
    stored = [run["figures"] for run in runs]
    variance = statistics.mean(each["group_variance"] for each in stored)
    cells = [f"{1e5 * variance:.2f}", "", ""]
    if "hard" in stored[0]:
        cells[1] = f"{100 * statistics.mean(each['hard'][0] for each in stored):.0f} %"
    if "temperatures" in stored[0]:
        by_group = [each["temperatures"]["items"] or each["temperatures"]["users"] for each in stored]
        ends = [statistics.mean(groups[end] for groups in by_group) for end in (0, -1)]
        cells[2] = f"{ends[0]:.3f} to {ends[1]:.3f}"
    return cells


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _options() -> Any:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    stored = sorted(RESULTS.glob("base_quality*.json")) + sorted(RESULTS.glob("policy_*.json"))
    parser.add_argument("file", nargs="*", default=stored, help="stored rows; default: test/bench/results/")
    return parser.parse_args()


if __name__ == "__main__":
    main()
