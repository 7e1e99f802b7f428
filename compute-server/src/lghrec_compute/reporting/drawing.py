"""A figure before it is drawn: what it shows, what it says, and what it had to leave out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from matplotlib.figure import Figure

from lghrec_compute.reporting.stored import Entry


@dataclass(frozen=True)
class Table:
    """Figures in print; cells are plain text."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class Drawing:
    """`draw(columns)` gives the figure with so many panels a row; None where nothing of it is stored.

    `name` is the file's; `left_out` says in sentences what is not in it and why.
    """

    name: str
    title: str
    caption: str
    draw: Callable[[int], Figure] | None
    left_out: Sequence[str] = ()
    table: Table | None = None


def absent(entries: Iterable[Entry], want: str, *, what: str = "Left out") -> list[str]:
    """A sentence that names the entries that a figure goes without, and why; none where there are none."""
    names = [entry.name for entry in entries]
    return [f"{what} for want of {want}: {listed(names)}."] if names else []


def listed(names: Sequence[str], most: int = 12) -> str:
    """Names with commas; of many only the first, and how many more there are."""
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")
