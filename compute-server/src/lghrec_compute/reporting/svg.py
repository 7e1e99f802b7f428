"""Prepares the SVG of a figure for the page: colours of the theme, unique ids, and no unused elements."""

from __future__ import annotations

import re
from html import escape

from lghrec_compute.reporting.style import COLOURS, GRID, INK, PALE, PAPER

_DARK = ("#58b0f2", "#ff935a", "#3dcaa0", "#e689c6", "#d6b440", "#9bd3f6", "#bea2ef", "#b3bac1")
_NAMED = {
    INK: ("ink", "#e7eaee"),
    PALE: ("pale", "#9aa6b2"),
    GRID: ("grid", "#343b44"),
    PAPER: ("paper", "#171b20"),
    **{light: (f"c{index}", dark) for index, (light, dark) in enumerate(zip(COLOURS, _DARK, strict=True))},
}
_COLOUR = re.compile("|".join(_NAMED))


def variables(*, dark: bool) -> str:
    """Return the colours of the light or the dark theme as custom properties of CSS."""
    return "".join(f"--{name}:{other if dark else light};" for light, (name, other) in _NAMED.items())


def inline(text: str, *, name: str, title: str) -> str:
    """Return only the `<svg>` element, with ids that start with `name` and with the label `title`."""
    text = text[text.index("<svg") :]
    for unused in (r"<!--.*?-->", r"<metadata>.*?</metadata>", r"<style[^>]*>.*?</style>"):
        text = re.sub(unused, "", text, flags=re.DOTALL)
    head, _, body = text.partition(">")
    box = re.search(r'viewBox="[^"]*"', head)
    assert box is not None, "the figure library writes a viewBox"
    body = _COLOUR.sub(lambda found: f"var(--{_NAMED[found.group()][0]})", body)
    body = re.sub(r' id="image[^"]*"', "", body)  # unused, and not unique if two pictures are equal
    body = re.sub(r'\bid="', f'id="{name}-', body)
    body = body.replace("url(#", f"url(#{name}-").replace('href="#', f'href="#{name}-')
    body = re.sub(r"\n\s*", "\n", body)
    return f'<svg {box.group()} role="img" aria-label="{escape(title)}">{body.rstrip()}'
