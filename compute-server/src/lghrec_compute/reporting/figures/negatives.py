"""Kinds and similarities of the selected negatives, compared with random ones (LGHRec, fig. 7b)."""

from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from lghrec_compute.reporting.drawing import Drawing, Table, absent
from lghrec_compute.reporting.stored import Entry, Stored
from lghrec_compute.reporting.style import (
    COLOURS,
    HATCHES,
    INK,
    PALE,
    PAPER,
    legend,
    new_figure,
    panels,
    short,
)

KINDS = ("hard", "between", "easy", "false")
_SOURCES = (("chosen", "selected"), ("random", "random"))
_SEEN = 5e-4
"""Smallest share of a bin that is large enough to be visible."""
_MOST_BARS, _MOST_HISTOGRAMS = 12, 6
_MISSING = "report of negatives in the best epoch"


def kind_shares(stored: Stored) -> Drawing:
    """Return the figure of the kinds of candidates, among the selected ones and in the whole pool."""
    able = [entry for entry in stored.entries if "negatives" in entry.at_best]
    shown = able[:_MOST_BARS]
    left_out = absent([entry for entry in stored.entries if entry not in able], _MISSING)
    left_out += absent(able[_MOST_BARS:], f"space for more than {_MOST_BARS}")
    rows = [
        (entry.name, label, *(f"{100 * entry.at_best['negatives'][source][kind]:.2f} %" for kind in KINDS))
        for entry in shown
        for source, label in _SOURCES
    ]
    return Drawing(
        "negatives-by-kind",
        "Kinds of the selected negatives",
        "The bars are the shares of each kind of candidates in the best epoch. A false negative is so "
        "similar to the anchor or to its positive that the user probably likes it. A hard negative is "
        'similar to the anchor, and is not false. The bars "selected" show the negatives that the policy '
        'selects. The bars "random" show all candidates of the same pools.',
        (lambda columns: _draw_shares(shown, columns)) if shown else None,
        left_out,
        Table(("", "negatives", *(_kind(kind) for kind in KINDS)), rows) if shown else None,
    )


def similarity(stored: Stored) -> Drawing:
    """Return the figure of the cosines between anchors and negatives, selected and random ones."""
    able = [entry for entry in stored.entries if "cosine" in entry.at_best]
    shown = able[:_MOST_HISTOGRAMS]
    left_out = absent([entry for entry in stored.entries if entry not in able], _MISSING)
    left_out += absent(able[_MOST_HISTOGRAMS:], f"space for more than {_MOST_HISTOGRAMS}")
    return Drawing(
        "negatives-by-similarity",
        "Similarity of negatives to their anchor",
        "The histograms show the distribution of cos(anchor, negative) in the best epoch. The filled "
        "histogram is that of the selected negatives. The dashed one is that of all candidates of the "
        "same pools.",
        (lambda columns: _draw_histograms(shown, columns)) if shown else None,
        left_out,
    )


def _draw_shares(shown: list[Entry], columns: int) -> Figure:
    figure = new_figure(columns, 0.6 + 0.76 * len(shown))
    ax = figure.subplots()
    ticks: list[float] = []
    labels: list[str] = []
    limit = 24 if columns > 1 else 12
    for index, entry in enumerate(shown):
        for row, (source, label) in enumerate(_SOURCES):
            y = -(index * 2.5 + row)
            _draw_bar(ax, y, entry.at_best["negatives"][source], wide=columns > 1)
            ticks.append(y)
            labels.append(f"{short(entry.name, limit)}, {label}" if columns > 1 else label)
        if columns == 1:
            ax.text(0, ticks[-2] + 0.56, short(entry.name), fontsize=9, fontweight="bold")
    ax.set_yticks(ticks, labels)
    ax.set_xlim(0, 100)
    ax.set_ylim(min(ticks) - 0.55, 1.0 if columns == 1 else 0.55)
    ax.set_xlabel("share of candidates, %")
    ax.grid(axis="y", visible=False)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    handles = [Patch(label=_kind(kind), **_fill(index)) for index, kind in enumerate(KINDS)]
    legend(figure, handles)
    return figure


def _kind(kind: str) -> str:
    return {"between": "between easy and hard", "false": "probably false"}.get(kind, kind)


def _fill(index: int) -> dict[str, Any]:
    colour = (COLOURS[0], COLOURS[5], COLOURS[7], COLOURS[1])[index]
    return {"facecolor": colour, "edgecolor": PAPER, "hatch": HATCHES[index], "linewidth": 0.8}


def _draw_bar(ax: Axes, y: float, shares: dict[str, float], *, wide: bool) -> None:
    start = 0.0
    for index, kind in enumerate(KINDS):
        width = 100 * shares[kind]
        ax.barh(y, width, left=start, height=0.78, label=f"_{kind}", **_fill(index))
        if width >= (5 if wide else 14):
            ax.text(
                start + width / 2, y, f"{width:.1f}", ha="center", va="center", fontsize=8.5, color=INK,
                bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 1.2, "alpha": 0.88},
            )  # fmt: skip
        start += width


def _draw_histograms(shown: list[Entry], columns: int) -> Figure:
    figure, axes = panels(len(shown), columns, 2.5)
    for entry, ax in zip(shown, axes, strict=True):
        cosine = entry.at_best["cosine"]
        edges = cosine["edges"]
        ax.stairs(
            [100 * share for share in cosine["chosen"]],
            edges,
            fill=True,
            color=COLOURS[0],
            alpha=0.35,
            label="_chosen",
        )
        ax.stairs([100 * share for share in cosine["chosen"]], edges, color=COLOURS[0], linewidth=1.3)
        ax.stairs(
            [100 * share for share in cosine["random"]], edges, color=COLOURS[1], linewidth=1.5,
            linestyle="--", label="_random",
        )  # fmt: skip
        ax.set_title(short(entry.name, 34))
        ax.set_xlabel("cos(anchor, negative)")
        ax.set_ylabel(f"% per bin of {edges[1] - edges[0]:.2g}")
        used = [
            index
            for index in range(len(edges) - 1)
            if max(cosine["chosen"][index], cosine["random"][index]) > _SEEN
        ]
        if used:
            ax.set_xlim(edges[used[0]] - 0.02, edges[used[-1] + 1] + 0.02)
        ax.set_ylim(bottom=0)
        ax.axvline(0, color=PALE, linewidth=0.8)
    legend(
        figure,
        [
            Patch(label="selected", facecolor=COLOURS[0], edgecolor=COLOURS[0], alpha=0.5),
            Line2D([], [], label="random", color=COLOURS[1], linestyle="--"),
        ],
    )
    return figure
