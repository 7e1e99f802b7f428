"""The influence of one field of the spec (LGHRec, fig. 8 and table 6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from lghrec_compute.reporting.drawing import Drawing, Table, absent
from lghrec_compute.reporting.stored import Entry, Stored, Sweep, main_metric, shared_metric, value_at
from lghrec_compute.reporting.style import COLOURS, new_figure, short

_LOG_FROM = 50
"""Ratio of the largest to the smallest value from which the axis is logarithmic."""


@dataclass(frozen=True)
class Point:
    """One value of the field, and the metric of each model that has it."""

    value: Any
    metrics: list[float]

    @property
    def mean(self) -> float:
        """Mean over the models."""
        return float(np.mean(self.metrics))

    @property
    def std(self) -> float | None:
        """Standard deviation over the models. None means that there is one model."""
        return float(np.std(self.metrics, ddof=1)) if len(self.metrics) > 1 else None


def sweeps(stored: Stored) -> list[Drawing]:
    """Return one figure for each sweep."""
    return [_drawing(sweep, index) for index, sweep in enumerate(stored.sweeps)]


def _drawing(sweep: Sweep, index: int) -> Drawing:
    lacking = [entry for entry in sweep.entries if not _has(entry, sweep.field)]
    able = [entry for entry in sweep.entries if entry not in lacking]
    evaluated = [entry for entry in able if entry.metrics]
    metric = shared_metric(tuple(evaluated))
    measured = {entry.name: entry.metrics[metric] for entry in evaluated} if metric else {}
    part = "evaluated part"
    left_out = absent(lacking, f"field {sweep.field} in the spec")
    if metric is None:
        metric = main_metric(able[0].model.meta["metrics"]) if able else None
        measured = {
            entry.name: entry.model.meta["metrics"][metric]
            for entry in able
            if metric and metric in entry.model.meta["metrics"]
        }
        part = "valid part at the best epoch, because no model has an evaluation"
    used = [entry for entry in able if entry.name in measured]
    left_out += absent([entry for entry in able if entry not in used], "evaluation")
    points = _points([(value_at(entry.spec, sweep.field), measured[entry.name]) for entry in used])
    label = (metric or "metric").replace("ndcg", "NDCG").replace("recall", "Recall")
    return Drawing(
        f"sweep-{index + 1}-{sweep.field.replace('_', '-').replace('.', '-')}",
        f"Influence of {sweep.field}",
        f"The figure shows {label} on the {part}. Each small dot is a model. Each large dot is the mean over "
        "all models with the same value, and its bar is one standard deviation.",
        (lambda columns: _draw(points, sweep.field, label, columns)) if points else None,
        left_out,
        _table(points, sweep.field, label) if points else None,
    )


def _has(entry: Entry, field: str) -> bool:
    try:
        value_at(entry.spec, field)
    except KeyError:
        return False
    return True


def _points(pairs: Sequence[tuple[Any, float]]) -> list[Point]:
    """Return the points in ascending order if all values are numbers, otherwise in the given order."""
    found: dict[Any, list[float]] = {}
    for value, metric in pairs:
        found.setdefault(value if isinstance(value, Real | str | None) else str(value), []).append(metric)
    points = [Point(value, metrics) for value, metrics in found.items()]
    return sorted(points, key=lambda point: point.value) if _are_numbers(points) else points


def _are_numbers(points: Sequence[Point]) -> bool:
    return all(isinstance(point.value, Real) and not isinstance(point.value, bool) for point in points)


def _draw(points: list[Point], field: str, label: str, columns: int) -> Figure:
    figure = new_figure(columns, 3.0)
    ax = figure.subplots()
    numbers = _are_numbers(points)
    x = [float(point.value) if numbers else float(index) for index, point in enumerate(points)]
    means = [point.mean for point in points]
    ax.errorbar(
        x, means, yerr=[point.std or 0.0 for point in points], color=COLOURS[0], marker="o", markersize=7,
        linestyle="-" if numbers else "none", linewidth=1.4, capsize=3, elinewidth=1.2, label="_means",
    )  # fmt: skip
    for position, point in zip(x, points, strict=True):
        if len(point.metrics) > 1:
            ax.plot(
                [position] * len(point.metrics), point.metrics, linestyle="none", marker="o", markersize=3.2,
                markerfacecolor="none", color=COLOURS[1], zorder=4,
            )  # fmt: skip
    _scale(ax, x, points, numbers=numbers)
    ax.set_xlabel(field)
    ax.set_ylabel(label)
    ax.margins(x=0.06, y=0.15)
    return figure


def _scale(ax: Any, x: list[float], points: list[Point], *, numbers: bool) -> None:
    if numbers and min(x) > 0 and max(x) / min(x) >= _LOG_FROM:
        ax.set_xscale("log")
    if not numbers:
        ax.set_xticks(x, [short(_text(point.value), 14) for point in points])
    elif len(x) <= 9:
        ax.set_xticks(x, [_text(point.value) for point in points], minor=False)
        ax.minorticks_off()


def _text(value: Any) -> str:
    return f"{value:g}" if isinstance(value, Real) and not isinstance(value, bool) else str(value)


def _table(points: Sequence[Point], field: str, label: str) -> Table:
    rows = [
        (
            _text(point.value), str(len(point.metrics)), f"{point.mean:.4f}",
            "" if point.std is None else f"{point.std:.4f}",
        )
        for point in points
    ]  # fmt: skip
    return Table((field, "models", f"mean {label}", "standard deviation"), rows)
