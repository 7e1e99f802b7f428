"""The style of all figures: sizes, colours for colour-blind readers, markers, dashes and hatches.

Readers can distinguish the entries without colours. svg.py replaces the colours by variables of the page,
because the page has a light and a dark theme.
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
"""Number of entries with a separate style. The lines of all further entries are thin and grey."""

WIDE, NARROW = 9.6, 3.75
"""Widths of figures in inches. A narrow figure has one panel per row."""

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
    """Apply this style to figures inside the context, independently of the user's settings of matplotlib."""
    with mpl.rc_context(), warnings.catch_warnings():
        # characters that the font does not have are drawn as boxes, and the tables show the full names
        warnings.filterwarnings("ignore", "Glyph .* missing from font")
        mpl.rcdefaults()
        mpl.rcParams.update(_RC)
        yield


def new_figure(columns: int, height: float) -> Figure:
    """Return a figure for `columns` panels per row. `height` is in inches."""
    figure = Figure(figsize=(WIDE if columns > 1 else NARROW, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def panels(count: int, columns: int, height: float = 2.4) -> tuple[Figure, list[Axes]]:
    """Return a figure of `count` panels in rows of `columns`, each `height` inches high."""
    columns = grid(count, columns)
    rows = -(-count // columns)
    figure = new_figure(columns, rows * height)
    axes = figure.subplots(rows, columns, squeeze=False).ravel()
    for spare in axes[count:]:
        spare.remove()
    return figure, list(axes[:count])


def grid(count: int, columns: int) -> int:
    """Return the number of columns. A wide figure has at least two, so that one panel is not stretched."""
    return min(columns, max(count, 2))


def entry_line(index: int) -> dict[str, Any]:
    """Return the style of the line of entry number `index`."""
    if index >= SHOWN:
        return {"color": PALE, "linewidth": 0.7, "linestyle": "-", "zorder": 1.5}
    return {
        "color": COLOURS[index],
        "marker": MARKERS[index],
        "linestyle": DASHES[index % len(DASHES)],
        "markerfacecolor": "none" if index % 2 else COLOURS[index],
        "zorder": 3 - 0.01 * index,
    }


def entry_legend(figure: Figure, names: dict[int, str]) -> None:
    """Add a legend of the entries, by index, above all panels. Entries without a style share one line."""
    shown = {index: name for index, name in names.items() if index < SHOWN}
    handles = [Line2D([], [], label=short(name), **entry_line(index)) for index, name in shown.items()]
    if len(shown) < len(names):
        others = len(names) - len(shown)
        handles.append(Line2D([], [], label=f"{others} more entries", **entry_line(SHOWN)))
    legend(figure, handles)


def legend(figure: Figure, handles: list[Any]) -> None:
    """Add a legend above all panels, in as many columns as fit. The figure becomes higher."""
    longest = max((len(handle.get_label()) for handle in handles), default=0)
    width, height = figure.get_size_inches()
    across = max(1, min(int(width / (0.55 + 0.085 * longest)), len(handles)))
    figure.set_size_inches(width, height + 0.21 * -(-len(handles) // across))
    by_row = [handle for column in range(across) for handle in handles[column::across]]
    figure.legend(handles=by_row, loc="outside upper left", ncols=across)


def short(name: str, limit: int = 28) -> str:
    """Return the name on one line, shortened to `limit` characters."""
    name = " ".join(name.split())
    return name if len(name) <= limit else name[: limit - 1] + "…"


def settled(figure: Figure) -> Figure:
    """Compute the layout once and keep it, because the layout is most of the cost of a drawing."""
    figure.draw_without_rendering()
    figure.set_layout_engine("none")
    return figure


def png(figure: Figure) -> bytes:
    """Return the figure as PNG on a white background. Equal figures give equal bytes."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=150, facecolor="white", metadata={"Software": None})
    return buffer.getvalue()


def svg(figure: Figure) -> str:
    """Return the figure as SVG without a background. Equal figures give equal text."""
    buffer = io.BytesIO()
    nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
    figure.savefig(buffer, format="svg", metadata=nothing)
    return buffer.getvalue().decode()
