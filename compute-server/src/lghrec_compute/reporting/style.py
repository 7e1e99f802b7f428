"""The look of all figures: sizes, colours that colour-blind eyes tell apart, and markers, dashes and hatches
that tell the same without colour.

Colours are kept as names of the page, which has one set for light and one for dark: `themed` in svg.py.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

INK, PALE, GRID, PAPER = "#1c2127", "#5f6b78", "#d9dee4", "#fdfdfe"
COLOURS = ("#0b66ad", "#cf4f0b", "#00795c", "#ab3f86", "#866a02", "#3590c4", "#6b4fa8", "#535a61")
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
DASHES: tuple[Any, ...] = ("-", (0, (5, 2)), (0, (1.2, 1.4)), (0, (6, 2, 1.2, 2)))
HATCHES = ("", "////", "....", "xxxx")
SHOWN = len(COLOURS)
"""Entries with a look of their own; lines of further ones are thin and grey."""

WIDE, NARROW = 9.6, 3.75
"""Inches. A narrow figure has one panel a row."""

_RC: dict[Any, Any] = {
    "axes.axisbelow": True,
    "axes.edgecolor": PALE,
    "axes.facecolor": "none",
    "axes.grid": True,
    "axes.labelcolor": INK,
    "axes.labelsize": 9,
    "axes.linewidth": 0.8,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 9.5,
    "axes.titleweight": "bold",
    "figure.constrained_layout.hspace": 0.07,
    "figure.constrained_layout.wspace": 0.05,
    "figure.facecolor": "none",
    "font.family": ["DejaVu Sans"],
    "font.size": 9,
    "grid.color": GRID,
    "grid.linewidth": 0.6,
    "hatch.linewidth": 0.8,
    "legend.fontsize": 9,
    "legend.frameon": False,
    "legend.handlelength": 3.0,
    "lines.linewidth": 1.6,
    "lines.markersize": 5,
    "svg.fonttype": "path",
    "svg.hashsalt": "lghrec",
    "text.color": INK,
    "text.parse_math": False,
    "xtick.color": PALE,
    "xtick.labelcolor": INK,
    "xtick.labelsize": 8.5,
    "ytick.color": PALE,
    "ytick.labelcolor": INK,
    "ytick.labelsize": 8.5,
}


@contextmanager
def look() -> Iterator[None]:
    """Everything within is drawn in this look, whatever the user's own settings of the library are."""
    with mpl.rc_context(), warnings.catch_warnings():
        # letters that the font lacks are drawn as boxes; the page has the names in full
        warnings.filterwarnings("ignore", "Glyph .* missing from font")
        mpl.rcdefaults()
        mpl.rcParams.update(_RC)
        yield


def new_figure(columns: int, height: float) -> Figure:
    """A figure of the width that goes with so many panels a row; `height` in inches."""
    figure = Figure(figsize=(WIDE if columns > 1 else NARROW, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def panels(count: int, columns: int, height: float = 2.4) -> tuple[Figure, list[Axes]]:
    """A figure of `count` panels in rows of `columns`, each `height` inches high."""
    columns = grid(count, columns)
    rows = -(-count // columns)
    figure = new_figure(columns, rows * height)
    axes = figure.subplots(rows, columns, squeeze=False).ravel()
    for spare in axes[count:]:
        spare.remove()
    return figure, list(axes[:count])


def grid(count: int, columns: int) -> int:
    """Columns for so many panels: in a wide figure at least two, so that a lone panel stays in scale."""
    return min(columns, max(count, 2))


def entry_line(place: int) -> dict[str, Any]:
    """How the line of the entry at `place` looks."""
    if place >= SHOWN:
        return {"color": PALE, "linewidth": 0.7, "linestyle": "-", "zorder": 1.5}
    return {
        "color": COLOURS[place],
        "marker": MARKERS[place],
        "linestyle": DASHES[place % len(DASHES)],
        "markerfacecolor": "none" if place % 2 else COLOURS[place],
        "zorder": 3 - 0.01 * place,
    }


def entry_legend(figure: Figure, names: dict[int, str]) -> None:
    """Names of entries by place, above all panels; those without a look of their own are one line."""
    shown = {place: name for place, name in names.items() if place < SHOWN}
    handles = [Line2D([], [], label=short(name), **entry_line(place)) for place, name in shown.items()]
    if len(shown) < len(names):
        others = len(names) - len(shown)
        handles.append(Line2D([], [], label=f"{others} more", **entry_line(SHOWN)))
    legend(figure, handles)


def legend(figure: Figure, handles: list[Any]) -> None:
    """A legend above all panels, which makes the figure higher; in as many columns as its names allow."""
    longest = max((len(handle.get_label()) for handle in handles), default=0)
    width, height = figure.get_size_inches()
    across = max(1, min(int(width / (0.55 + 0.085 * longest)), len(handles)))
    figure.set_size_inches(width, height + 0.21 * -(-len(handles) // across))
    by_row = [handle for column in range(across) for handle in handles[column::across]]
    figure.legend(handles=by_row, loc="outside upper left", ncols=across)


def short(name: str, limit: int = 28) -> str:
    """The name on one line, cut where it is too long for a figure."""
    name = " ".join(name.split())
    return name if len(name) <= limit else name[: limit - 1] + "…"


def settled(figure: Figure) -> Figure:
    """The figure with its parts in their places; finding them is most of the cost of a drawing."""
    figure.draw_without_rendering()
    figure.set_layout_engine("none")
    return figure


def png(figure: Figure) -> bytes:
    """The figure on paper; equal figures give equal bytes."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=150, facecolor="white", metadata={"Software": None})
    return buffer.getvalue()


def svg(figure: Figure) -> str:
    """The figure without ground; equal figures give equal text."""
    buffer = io.BytesIO()
    nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
    figure.savefig(buffer, format="svg", metadata=nothing)
    return buffer.getvalue().decode()
