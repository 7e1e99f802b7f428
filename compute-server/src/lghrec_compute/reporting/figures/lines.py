"""Lines by epoch, for several figures. Each quantity has a panel, and each entry has a line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from lghrec_compute.reporting.style import PAPER, SHOWN, entry_legend, entry_line, panels

Series: TypeAlias = tuple[list[int], list[float]]
"""Epochs, and the value of each epoch."""


@dataclass(frozen=True)
class Panel:
    """One quantity. `series` contains a line for each entry, by index of the entry.

    `best` contains the epochs that are marked, by index of the entry. None means that no epoch is marked.
    """

    title: str
    unit: str
    series: dict[int, Series]
    best: dict[int, int] | None = None


def draw_lines(shown: Sequence[Panel], names: dict[int, str], columns: int) -> Figure:
    """Draw all panels with one legend. `names` contains the names of the entries by index."""
    figure, axes = panels(len(shown), columns)
    for panel, ax in zip(shown, axes, strict=True):
        for index, (epochs, values) in panel.series.items():
            ax.plot(epochs, values, markevery=_marks(len(epochs), index), **entry_line(index))
        for index, epoch in (panel.best or {}).items():
            if index < SHOWN and index in panel.series and epoch in panel.series[index][0]:
                _mark_best(ax, panel.series[index], epoch, index)
        ax.set_title(panel.title)
        ax.set_ylabel(panel.unit)
        ax.set_xlabel("epoch")
        ax.xaxis.set_major_locator(MaxNLocator(5, integer=True))
        ax.yaxis.set_major_locator(MaxNLocator(5))
        ax.margins(x=0.04, y=0.1)
    drawn = {index for panel in shown for index in panel.series}
    entry_legend(figure, {index: name for index, name in names.items() if index in drawn})
    return figure


def _marks(count: int, index: int) -> tuple[int, int]:
    """Return the first epoch with a marker and the step between markers, for about six markers per line.

    The first epoch depends on the entry, so that the markers of different entries do not overlap.
    """
    every = max(1, count // 6)
    return index % every, every


def _mark_best(ax: Axes, series: Series, epoch: int, index: int) -> None:
    value = series[1][series[0].index(epoch)]
    look = entry_line(index)
    ax.plot(
        [epoch], [value], marker="o", markersize=11, markerfacecolor="none", markeredgewidth=1.4,
        color=look["color"], linestyle="none", zorder=4, label="_best",
    )  # fmt: skip
    if index == 0:
        ax.annotate(
            f"best epoch: {epoch}", (epoch, value), xytext=(0, -16), textcoords="offset points", ha="center",
            fontsize=8, bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 1, "alpha": 0.8},
        )  # fmt: skip
