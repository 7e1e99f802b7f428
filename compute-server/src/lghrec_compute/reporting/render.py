"""Draws a figure for the two widths of the page, and as files."""

from __future__ import annotations

from dataclasses import dataclass

from lghrec_compute.reporting.drawing import Drawing
from lghrec_compute.reporting.page import Section
from lghrec_compute.reporting.style import look, png, settled, svg
from lghrec_compute.reporting.svg import inline

_COLUMNS = 3


@dataclass(frozen=True)
class Rendered:
    """A section of the page, and the wide figure as files. None means that the figure is not drawn."""

    section: Section
    png: bytes | None = None
    svg: str | None = None


def render(drawing: Drawing) -> Rendered:
    """Render a drawing. Equal drawings give equal bytes."""
    if drawing.draw is None:
        return Rendered(Section(drawing))
    with look():
        wide, narrow = (settled(drawing.draw(columns)) for columns in (_COLUMNS, 1))
        image, text, narrow_text = png(wide), svg(wide), svg(narrow)
    section = Section(
        drawing,
        inline(text, name=drawing.name, title=drawing.title),
        inline(narrow_text, name=f"{drawing.name}-narrow", title=drawing.title),
    )
    return Rendered(section, image, text)
