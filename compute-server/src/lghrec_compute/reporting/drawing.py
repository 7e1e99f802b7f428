"""A figure before it is drawn: its content, its caption, and the entries that are left out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from matplotlib.figure import Figure

from lghrec_compute.reporting.stored import Entry


@dataclass(frozen=True)
class Table:
    """A table of numbers; cells are plain text."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class Drawing:
    """A figure with its texts.

    `draw(columns)` returns the figure with that number of panels per row; None means that nothing of it is
    stored. `name` is the name of its file. `left_out` holds sentences about missing entries and the reasons.
    """

    name: str
    title: str
    caption: str
    draw: Callable[[int], Figure] | None
    left_out: Sequence[str] = ()
    table: Table | None = None


def absent(entries: Iterable[Entry], want: str, *, what: str = "Left out") -> list[str]:
    """Return a sentence that names the entries that a figure lacks, and the reason; [] for no entries."""
    names = [entry.name for entry in entries]
    return [f"{what} because there is no {want}: {listed(names)}."] if names else []


def listed(names: Sequence[str], most: int = 12) -> str:
    """Return the names with commas; of many only the first ones and the number of the others."""
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")
