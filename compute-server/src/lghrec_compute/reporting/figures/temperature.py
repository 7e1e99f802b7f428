"""Temperature by degree group, and the target temperature (LGHRec, fig. 7a)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from lghrec_compute.json_types import Json
from lghrec_compute.reporting.degrees import cut, span_label
from lghrec_compute.reporting.drawing import Drawing, Table, absent
from lghrec_compute.reporting.stored import Entry, Stored
from lghrec_compute.reporting.style import PALE, SHOWN, entry_line, legend, panels, short

_KINDS = ("users", "items")
_MOST = 4
"""Largest number of entries that the figure shows."""
_ALIKE = 0.005
"""If the targets of all entries differ by less than this, one line shows all of them."""


@dataclass(frozen=True)
class Measured:
    """One entry and its index, with three dictionaries by kind of node.

    `groups` are the reports of the policy on the groups with anchors, `targets` the target temperatures by
    number of the group, and `labels` the degrees of all groups as text.
    """

    name: str
    index: int
    groups: dict[str, list[Json]]
    targets: dict[str, dict[int, float]]
    labels: dict[str, list[str]]


def temperature(stored: Stored) -> Drawing:
    """Return the figure of the temperatures by degree group, for policies that set temperatures."""
    able = [entry for entry in stored.entries if _groups(entry, "users") or _groups(entry, "items")]
    shown = [_measured(entry, stored.entries.index(entry)) for entry in able[:_MOST]]
    left_out = absent(
        [entry for entry in stored.entries if entry not in able],
        "temperature of a policy for the best epoch",
    )
    left_out += absent(able[_MOST:], f"space for more than {_MOST}")
    return Drawing(
        "temperature-by-degree",
        "Temperature by degree",
        "The figure shows the temperatures of the policy in the best epoch. For each degree group, the "
        "marker is the mean, the dash is the median, and the line contains the middle 80 % of the "
        "temperatures. Group 1 has the fewest interactions. The degrees of a group are below its number. "
        "The target is T(d) = t0 / (1 + ln(1 + d))^slope, averaged over the anchors of a group.",
        (lambda columns: _draw(shown, min(columns, 2))) if shown else None,
        left_out,
        _table(shown) if shown else None,
    )


def _groups(entry: Entry, kind: str) -> list[Json]:
    return [
        group for group in entry.at_best.get("groups", ()) if group["kind"] == kind and "temperature" in group
    ]


def _measured(entry: Entry, index: int) -> Measured:
    groups = {kind: _groups(entry, kind) for kind in _KINDS}
    targets = {
        kind: {group["group"]: group["temperature"]["target"] for group in groups[kind]} for kind in _KINDS
    }
    number = entry.spec.get("policy", {}).get("num_groups", 5)
    if entry.degrees is None:
        empty: dict[str, list[str]] = {kind: [""] * number for kind in _KINDS}
        return Measured(entry.name, index, groups, targets, empty)
    cuts = {kind: cut(degree_N, number) for kind, degree_N in zip(_KINDS, entry.degrees, strict=True)}
    labels = {kind: [span_label(span) for span in cuts[kind].spans] for kind in _KINDS}
    return Measured(entry.name, index, groups, targets, labels)


def _draw(shown: list[Measured], columns: int) -> Figure:
    kinds = [kind for kind in _KINDS if any(each.groups[kind] for each in shown)]
    figure, axes = panels(len(kinds), columns, 3.0)
    for kind, ax in zip(kinds, axes, strict=True):
        alike = _are_alike([each.targets[kind] for each in shown])
        for rank, each in enumerate(shown):
            shift = (rank - (len(shown) - 1) / 2) * 0.17
            _draw_entry(ax, each.groups[kind], each.index, shift=shift)
            if each.targets[kind] and not (alike and rank):
                _draw_target(ax, each.targets[kind], shift=0.0 if alike else shift)
        labels = max((each.labels[kind] for each in shown), key=len)
        ticks = range(len(labels))
        ax.set_xticks(ticks, [f"{tick + 1}\n{labels[tick]}" for tick in ticks])
        ax.set_title(kind)
        ax.set_xlabel("group and its train degrees")
        ax.set_ylabel("temperature τ")
        ax.set_ylim(0, 1.1 * _top(shown, kind))
        ax.grid(axis="x", visible=False)
    handles = [Line2D([], [], label=short(each.name), **_marker(each.index)) for each in shown]
    if any(target for each in shown for target in each.targets.values()):
        handles.append(Line2D([], [], label="target T(d)", color=PALE, linestyle="--", marker="x"))
    legend(figure, handles)
    return figure


def _top(shown: list[Measured], kind: str) -> float:
    tops = [group["temperature"]["q90"] for each in shown for group in each.groups[kind]]
    return max(tops + [target for each in shown for target in each.targets[kind].values()])


def _marker(index: int) -> dict[str, Any]:
    return {**entry_line(index % SHOWN), "linestyle": "none", "markersize": 6.5}


def _are_alike(targets: list[dict[int, float]]) -> bool:
    """Return whether one line can show all targets."""
    return all(
        target.keys() == targets[0].keys()
        and all(abs(value - targets[0][group]) < _ALIKE for group, value in target.items())
        for target in targets
    )


def _draw_target(ax: Axes, target: dict[int, float], *, shift: float) -> None:
    x = [group + shift for group in target]
    line = {"color": PALE, "linestyle": "--", "marker": "x", "linewidth": 1.3, "zorder": 2}
    ax.plot(x, list(target.values()), label="_target", **line)


def _draw_entry(ax: Axes, groups: list[Json], index: int, *, shift: float) -> None:
    x = [group["group"] + shift for group in groups]
    temperatures = [group["temperature"] for group in groups]
    colour = _marker(index)["color"]
    ax.vlines(
        x,
        [one["q10"] for one in temperatures],
        [one["q90"] for one in temperatures],
        color=colour,
        linewidth=2.2,
    )
    ax.plot(
        x, [one["q50"] for one in temperatures], linestyle="none", marker="_", markersize=11, color=colour,
        markeredgewidth=2, label="_median",
    )  # fmt: skip
    ax.plot(x, [one["mean"] for one in temperatures], **_marker(index), label="_mean")


def _table(shown: list[Measured]) -> Table:
    rows = [
        (
            each.name, kind, str(group["group"] + 1), each.labels[kind][group["group"]],
            *(f"{group['temperature'][name]:.3f}" for name in ("mean", "q10", "q50", "q90")),
            f"{target:.3f}" if (target := each.targets[kind].get(group["group"])) is not None else "",
        )
        for each in shown
        for kind in _KINDS
        for group in each.groups[kind]
    ]  # fmt: skip
    quantiles = ("10 % quantile", "median", "90 % quantile")
    return Table(("", "nodes", "group", "train degrees", "mean τ", *quantiles, "target T(d)"), rows)
