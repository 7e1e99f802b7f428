"""A figure before it is drawn: its content, its caption, and the entries that are left out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from matplotlib.figure import Figure

from lghrec_compute.reporting.stored import Entry


@dataclass(frozen=True)
class Table:
    """A table of numbers. The cells are plain text."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class Drawing:
    """A figure with its texts.

    `draw(columns)` returns the figure with that number of panels per row. None means that no values of the
    figure are stored. `name` is the name of the file of the figure. `left_out` contains sentences about the
    missing entries and the reasons.
    """

    name: str
    title: str
    caption: str
    draw: Callable[[int], Figure] | None
    left_out: Sequence[str] = ()
    table: Table | None = None


def absent(
    entries: Iterable[Entry], missing: str, *, statement: str = "These entries are not shown"
) -> list[str]:
    """Return a sentence with the names of the entries that a figure does not show, and the reason.

    The result is [] if there are no such entries.
    """
    names = [entry.name for entry in entries]
    return [f"{statement} because there is no {missing}: {listed(names)}."] if names else []


def listed(names: Sequence[str], most: int = 12) -> str:
    """Return the names with commas: the first `most` names, and the number of the others."""
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")
