"""SVG within the page."""

from __future__ import annotations

from lghrec_compute.reporting.style import COLOURS, look, new_figure, png, svg
from lghrec_compute.reporting.svg import inline, variables


def plotted(name: str = "a <b> $c$ & --> d"):
    with look():
        figure = new_figure(1, 2)
        ax = figure.subplots()
        ax.plot([1, 2], [3, 4], color=COLOURS[0])
        ax.set_title(name)
        return svg(figure), png(figure)


def test_equal_figures_give_equal_bytes_without_dates():
    assert plotted() == plotted()
    assert "<dc:date>" not in plotted()[0]


def test_inline_has_ids_of_its_own_and_colours_by_name():
    text = inline(plotted()[0], name="curve", title='the "best" <one>')
    assert text.startswith("<svg viewBox=")
    assert 'aria-label="the &quot;best&quot; &lt;one&gt;"' in text
    assert "var(--c0)" in text
    assert COLOURS[0] not in text
    assert 'id="curve-' in text
    assert 'href="#curve-' in text
    assert "http" not in text
    assert "<!--" not in text
    assert "<style" not in text
    assert text.rstrip().endswith("</svg>")


def test_names_are_no_formulas():
    assert plotted("$x$")[0] != plotted("x")[0]


def test_dark_colours_differ_from_light_ones():
    light, dark = variables(dark=False), variables(dark=True)
    assert light.count("--") == dark.count("--") == 12
    assert light != dark
