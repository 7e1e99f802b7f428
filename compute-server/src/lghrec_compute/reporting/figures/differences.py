"""Differences between the entries of a comparison and its baseline, with their intervals."""

from __future__ import annotations

from typing import Any

from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from lghrec_compute.json_types import Json
from lghrec_compute.reporting.drawing import Drawing
from lghrec_compute.reporting.stored import Stored
from lghrec_compute.reporting.style import COLOURS, INK, legend, new_figure, short

_MOST = 3


def differences(stored: Stored) -> Drawing | None:
    """Return the figure of the differences. None means that the report has no comparison."""
    comparison = stored.comparison
    if comparison is None:
        return None
    rows = [row for row in comparison["rows"] if row["difference"] is not None]
    names = list(dict.fromkeys(row["metric"] for row in rows))
    metrics = names[:_MOST]
    others = ", ".join(names[_MOST:])
    left_out = [f"These metrics are shown only in the table: {others}."] if others else []
    return Drawing(
        "differences",
        f"Differences from {comparison['baseline']}",
        "Each marker is the difference between the mean of an entry and the mean of the baseline. The "
        f"line is its {100 * comparison['confidence']:g} % bootstrap interval over users. A filled marker "
        "means that p is below 0.05 after Holm's correction for all comparisons of the table.",
        (lambda columns: _draw(rows, metrics, columns)) if rows else None,
        left_out,
    )


def _draw(rows: list[Json], metrics: list[str], columns: int) -> Figure:
    wide = columns > 1
    names = list(dict.fromkeys(row["name"] for row in rows))
    height = 0.85 + 0.28 * len(names)
    figure = new_figure(columns, height * (1 if wide else len(metrics)))
    shape = (1, len(metrics)) if wide else (len(metrics), 1)
    axes = figure.subplots(*shape, squeeze=False, sharey=wide).ravel()
    for metric, ax in zip(metrics, axes, strict=True):
        for row in (one for one in rows if one["metric"] == metric):
            y = names.index(row["name"])
            ax.hlines(y, row["interval_low"], row["interval_high"], color=COLOURS[0], linewidth=2)
            is_significant = row["p_holm"] is not None and row["p_holm"] < 0.05
            ax.plot(
                [row["difference"]], [y], marker="o", markersize=7, color=COLOURS[0],
                markerfacecolor=COLOURS[0] if is_significant else "none", label="_difference",
            )  # fmt: skip
        ax.axvline(0, color=INK, linewidth=0.9)
        ax.set_yticks(range(len(names)), [short(name, 22) for name in names])
        ax.set_ylim(len(names) - 0.4, -0.6)
        ax.set_title(metric.replace("ndcg", "NDCG").replace("recall", "Recall"))
        ax.set_xlabel("difference of the means")
        ax.margins(x=0.08)
        ax.locator_params(axis="x", nbins=4)
        ax.grid(axis="y", visible=False)
        ax.tick_params(axis="y", length=0)
    dot: dict[str, Any] = {"color": COLOURS[0], "marker": "o", "markersize": 7, "linestyle": "none"}
    handles = [
        Line2D([], [], label="p Holm < 0.05", **dot),
        Line2D([], [], label="p Holm ≥ 0.05", markerfacecolor="none", **dot),
    ]
    legend(figure, handles)
    return figure
