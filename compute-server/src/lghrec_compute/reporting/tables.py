"""The tables of the page: runs, results, a comparison, warnings and ids. Their cells are plain text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from lghrec_compute.json_types import Json
from lghrec_compute.reporting.drawing import Table
from lghrec_compute.reporting.stored import Entry, Stored


def runs(entries: Sequence[Entry]) -> Table:
    """Return one row per entry, with the main settings of its training and the best epoch."""
    rows = [
        (
            entry.name,
            _name(entry.spec.get("backbone")),
            _name(entry.spec.get("policy")),
            "yes" if entry.spec.get("semantic_ids") else "no",
            _text(entry.spec.get("seed")),
            _text(entry.spec.get("embedding_dim")),
            str(entry.best_epoch),
            str(entry.history[-1]["epoch"]) if entry.history else "",
        )
        for entry in entries
    ]
    head = ("", "backbone", "policy", "semantic ids", "seed", "embedding size", "best epoch", "epochs run")
    return Table(head, rows)


def results(entries: Sequence[Entry], *, full: bool = False) -> Table | None:
    """Return the means of recall and NDCG for each entry, or of all metrics if `full`.

    None means that there is no evaluation or, with `full`, that there are no other metrics.
    """
    able = [entry for entry in entries if entry.metrics]
    every = list(dict.fromkeys(name for entry in able for name in entry.metrics))
    names = [name for name in every if name.startswith(("recall@", "ndcg@"))] or every
    if not able or (full and len(names) == len(every)):
        return None
    names = every if full else names
    rows = [
        (
            entry.name,
            _text(entry.summary.get("split")),
            f"{entry.summary['num_users']:,}",
            *(_value(entry.metrics.get(name)) for name in names),
        )
        for entry in able
    ]
    return Table(("", "part", "users", *names), rows)


def comparison(found: Json) -> Table:
    """Return the rows of a comparison, with the p-values of the permutation test and their corrections."""
    rows = [
        (
            row["name"], row["metric"], _spread(row["mean"], row["std"]), str(row["num_seeds"]),
            _difference(row["difference"], row["relative_difference"]),
            _interval(row["interval_low"], row["interval_high"]),
            *(_p_value(row[name]) for name in ("p_permutation", "p_holm", "p_seeds")),
        )
        for row in found["rows"]
    ]  # fmt: skip
    interval = f"{100 * found['confidence']:g} % interval"
    head = ("", "metric", "mean", "seeds", "difference", interval, "p", "p Holm", "p seeds")
    return Table(head, rows)


def warnings(entries: Sequence[Entry]) -> Table | None:
    """Return the warnings of policies, with the number of epochs and the last message of each.

    None means that there are no warnings.
    """
    rows: list[tuple[str, str, str, str]] = []
    for entry in entries:
        emitted = [warning for epoch in entry.history for warning in epoch["policy"].get("warnings", ())]
        last = {warning["code"]: warning["message"] for warning in emitted}
        for code, count in Counter(warning["code"] for warning in emitted).items():
            rows.append((entry.name, code, f"{count} of {len(entry.history)}", last[code]))
    return Table(("", "warning", "epochs", "last message"), rows) if rows else None


def ids(stored: Stored, comparison_id: str | None) -> Table:
    """Return the full ids of all inputs of the page."""
    rows: list[tuple[str, str, str]] = []
    for entry in (*stored.entries, *(each for sweep in stored.sweeps for each in sweep.entries)):
        rows.append((entry.name, "model", entry.model.id))
        if entry.evaluation is not None:
            rows.append((entry.name, "evaluation", entry.evaluation.id))
        if semantic_ids := entry.model.meta.get("semantic_ids"):
            rows.append((entry.name, "semantic ids", semantic_ids))
    datasets = dict.fromkeys(entry.model.meta["dataset"] for entry in stored.entries)
    rows += [("", "data set", dataset) for dataset in datasets]
    if comparison_id is not None:
        rows.append(("", "comparison", comparison_id))
    return Table(("", "kind", "id"), list(dict.fromkeys(rows)))


def _name(part: Json | None) -> str:
    return part.get("name", "") if part else ""


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _value(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"


def _spread(mean: float, std: float | None) -> str:
    return f"{mean:.4f}" + ("" if std is None else f" ± {std:.4f}")


def _difference(value: float | None, relative: float | None) -> str:
    if value is None:
        return ""
    return f"{value:+.4f}" + ("" if relative is None else f" ({100 * relative:+.1f} %)")


def _interval(low: float | None, high: float | None) -> str:
    return "" if low is None or high is None else f"{low:+.4f} to {high:+.4f}"


def _p_value(value: float | None) -> str:
    if value is None:
        return ""
    return "< 0.0001" if value < 1e-4 else f"{value:.4f}"
