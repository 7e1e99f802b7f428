"""The main metric by degree group of users and of items (LGHRec, fig. 5)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lghrec_compute.degree_groups import COLD, degree_groups
from lghrec_compute.json_types import Json
from lghrec_compute.reporting.degrees import span_label
from lghrec_compute.reporting.drawing import Drawing, Table, absent
from lghrec_compute.reporting.stored import Entry, Stored, shared_metric
from lghrec_compute.reporting.style import SHOWN, entry_legend, entry_line, panels

_KINDS = (("users", ""), ("items", "item_"))
_Z = 1.959964


@dataclass(frozen=True)
class Measured:
    """One entry, with three dictionaries by name of the group.

    `groups` are the groups of the summary, `values` the means of the metric, and `halves` half of the widths
    of the intervals, for the groups that have an interval.
    """

    name: str
    groups: dict[str, Json]
    values: dict[str, float]
    halves: dict[str, float]


def activity(stored: Stored) -> Drawing:
    """Return the figure of the main metric in each group of users and of items, for all entries."""
    metric = shared_metric(stored.entries)
    able = {index: entry for index, entry in enumerate(stored.entries) if metric and _values(entry, metric)}
    shown = {
        index: _measured(entry, metric or "", with_interval=index < SHOWN) for index, entry in able.items()
    }
    label = (metric or "").replace("ndcg", "NDCG").replace("recall", "Recall")
    left_out = absent(
        [entry for index, entry in enumerate(stored.entries) if index not in able],
        "evaluation with groups and with a metric that all evaluations have",
    )
    return Drawing(
        "activity",
        f"{label or 'Accuracy'} by degree group",
        "The figure shows groups of users and of items by train degree. Group 1 has the fewest interactions. "
        "The degrees of a group are below its number. Cold users and items have no train interaction. For "
        "items, the lists are unchanged, and only items of the group count as held out. The bars are 95 % "
        "confidence intervals of the mean over users, with the normal approximation. They are drawn only "
        "for groups of users.",
        (lambda columns: _draw(shown, label, min(columns, 2))) if shown else None,
        left_out,
        _table(shown, label) if shown else None,
    )


def _values(entry: Entry, metric: str) -> dict[str, float]:
    found = entry.summary.get("group_metrics", {})
    return {
        group["name"]: found[f"{group['name']}/{metric}"]
        for group in entry.summary.get("groups", ())
        if group["num_users"] and f"{group['name']}/{metric}" in found
    }


def _measured(entry: Entry, metric: str, *, with_interval: bool) -> Measured:
    groups = {group["name"]: group for group in entry.summary["groups"]}
    halves = _halves(entry, metric) if with_interval else {}
    return Measured(entry.name, groups, _values(entry, metric), halves)


def _halves(entry: Entry, metric: str) -> dict[str, float]:
    """Return 1.96 standard errors of the mean for each group of at least two users."""
    per_user, degrees = entry.per_user(metric), entry.degrees
    if per_user is None or degrees is None:
        return {}
    users_U, values_U = per_user
    group_U = degree_groups(degrees[0])[users_U]
    found: dict[str, float] = {}
    for group in np.unique(group_U).tolist():
        values = values_U[group_U == group]
        if len(values) > 1:
            name = "cold" if group == COLD else f"group_{group}"
            found[name] = float(_Z * values.std(ddof=1) / np.sqrt(len(values)))
    return found


def _order(shown: dict[int, Measured], prefix: str) -> list[str]:
    """Return the names of the groups for which at least one entry has a value, the cold group first."""
    names = [f"{prefix}cold", *(f"{prefix}group_{number}" for number in range(100))]
    return [name for name in names if any(name in each.values for each in shown.values())]


def _draw(shown: dict[int, Measured], label: str, columns: int) -> Figure:
    kinds = [(kind, names) for kind, prefix in _KINDS if (names := _order(shown, prefix))]
    figure, axes = panels(len(kinds), columns, 3.2)
    for (kind, names), ax in zip(kinds, axes, strict=True):
        for rank, (index, each) in enumerate(shown.items()):
            _draw_entry(ax, each, names, index, shift=(rank - (min(len(shown), SHOWN) - 1) / 2) * 0.07)
        first = next(iter(shown.values()))
        ax.set_xticks(range(len(names)), [_tick(name, first.groups.get(name)) for name in names])
        ax.set_xlim(-0.5, len(names) - 0.5)
        ax.set_ylim(0, 1.1 * _top(shown, names))
        ax.set_title(kind)
        ax.set_ylabel(f"{label}, mean over users")
        ax.set_xlabel("group and its train degrees")
        ax.grid(axis="x", visible=False)
    entry_legend(figure, {index: each.name for index, each in shown.items()})
    return figure


def _top(shown: dict[int, Measured], names: list[str]) -> float:
    """Return the largest upper end of the intervals, or 1 if all values are 0."""
    tops = [
        each.values[name] + each.halves.get(name, 0.0)
        for each in shown.values()
        for name in names
        if name in each.values
    ]
    return max(tops) or 1.0


def _tick(name: str, group: Json | None) -> str:
    number = name.rsplit("_", 1)[-1]
    title = number if number == "cold" else str(int(number) + 1)
    return f"{title}\n{span_label(tuple(group['degrees']))}" if group else title


def _draw_entry(ax: Axes, each: Measured, names: list[str], index: int, *, shift: float) -> None:
    present = [(x, name) for x, name in enumerate(names) if name in each.values]
    shift = shift if index < SHOWN else 0.0
    x = [group + shift for group, _ in present]
    y = [each.values[name] for _, name in present]
    ax.plot(x, y, label="_means", **{"marker": ".", **entry_line(index)})
    half = [each.halves.get(name, np.nan) for _, name in present]
    if np.isfinite(half).any():
        ax.errorbar(
            x,
            y,
            yerr=half,
            fmt="none",
            ecolor=entry_line(index)["color"],
            elinewidth=0.9,
            capsize=2,
            alpha=0.7,
        )


def _table(shown: dict[int, Measured], label: str) -> Table:
    names = [name for _, prefix in _KINDS for name in _order(shown, prefix)]
    rows = [
        (each.name, *(f"{each.values[name]:.4f}" if name in each.values else "" for name in names))
        for each in shown.values()
    ]
    return Table((label, *(_column(name) for name in names)), rows)


def _column(name: str) -> str:
    kind = "items" if name.startswith("item_") else "users"
    number = name.rsplit("_", 1)[-1]
    return f"{kind}, cold" if number == "cold" else f"{kind} {int(number) + 1}"
