"""Lines by epoch, a panel a quantity and a line an entry: what several figures are made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from lghrec_compute.reporting.style import PAPER, SHOWN, entry_legend, entry_line, panels

Series: TypeAlias = tuple[list[int], list[float]]
"""Epochs, and the value at each."""


@dataclass(frozen=True)
class Panel:
    """`series` by place of the entry; `best` marks some of their epochs."""

    title: str
    unit: str
    series: dict[int, Series]
    best: dict[int, int] | None = None


def draw_lines(shown: Sequence[Panel], names: dict[int, str], columns: int) -> Figure:
    """All panels with one legend; `names` by place of the entry."""
    figure, axes = panels(len(shown), columns)
    for panel, ax in zip(shown, axes, strict=True):
        for place, (epochs, values) in panel.series.items():
            ax.plot(epochs, values, markevery=_marks(len(epochs), place), **entry_line(place))
        for place, epoch in (panel.best or {}).items():
            if place < SHOWN and place in panel.series and epoch in panel.series[place][0]:
                _mark_best(ax, panel.series[place], epoch, place)
        ax.set_title(panel.title)
        ax.set_ylabel(panel.unit)
        ax.set_xlabel("epoch")
        ax.xaxis.set_major_locator(MaxNLocator(5, integer=True))
        ax.yaxis.set_major_locator(MaxNLocator(5))
        ax.margins(x=0.04, y=0.1)
    places = {place for panel in shown for place in panel.series}
    entry_legend(figure, {place: name for place, name in names.items() if place in places})
    return figure


def _marks(count: int, place: int) -> tuple[int, int]:
    """About six markers a line, at other epochs for other entries."""
    every = max(1, count // 6)
    return place % every, every


def _mark_best(ax: Axes, series: Series, epoch: int, place: int) -> None:
    value = series[1][series[0].index(epoch)]
    look = entry_line(place)
    ax.plot(
        [epoch], [value], marker="o", markersize=11, markerfacecolor="none", markeredgewidth=1.4,
        color=look["color"], linestyle="none", zorder=4, label="_best",
    )  # fmt: skip
    if place == 0:
        ax.annotate(
            f"best: {epoch}", (epoch, value), xytext=(0, -16), textcoords="offset points", ha="center",
            fontsize=8, bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 1, "alpha": 0.8},
        )  # fmt: skip
