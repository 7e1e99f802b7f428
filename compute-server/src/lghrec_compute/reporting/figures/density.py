"""The distribution of item embeddings (LGHRec, fig. 6)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from lghrec_compute.reporting.drawing import Drawing, absent
from lghrec_compute.reporting.plane import Plane, angle_density, density, mass_levels, principal_plane
from lghrec_compute.reporting.stored import Stored
from lghrec_compute.reporting.style import COLOURS, INK, PALE, grid, new_figure, short

_MOST = 9
_STEPS = 24
_SHARES = (0.25, 0.5, 0.75, 0.95)


@dataclass(frozen=True)
class Measured:
    """The items of an entry in the plane of their first two principal components."""

    name: str
    plane: Plane


def item_density(stored: Stored) -> Drawing:
    """Return the figure of the density of the items in their plane, and of the density of their angles."""
    shown = [Measured(entry.name, principal_plane(entry.items_ID())) for entry in stored.entries[:_MOST]]
    return Drawing(
        "item-density",
        "Density of item embeddings",
        "The upper panels show the kernel density of the unit vectors of all items in the plane of their "
        "largest variance. The lines enclose 25, 50, 75 and 95 % of the items. The lower panels show the "
        "density of the angles in that plane, and the dashed line is the density of a uniform distribution. "
        "Each entry has a separate plane. The percentage in the title is the share of the variance in the "
        "plane.",
        lambda columns: _draw(shown, min(columns, 3)),
        absent(stored.entries[_MOST:], f"space for more than {_MOST}"),
    )


def _draw(shown: list[Measured], columns: int) -> Figure:
    columns = grid(len(shown), columns)
    rows = -(-len(shown) // columns)
    figure = new_figure(columns, 4.3 * rows)
    ratios = [3.1, 1.0] * rows
    axes = figure.subplots(2 * rows, columns, squeeze=False, height_ratios=ratios)
    limit = max(float(np.quantile(np.abs(each.plane.points_P2), 0.998)) for each in shown) * 1.15 or 1.0
    top = max(float(angle_density(each.plane.points_P2)[1].max()) for each in shown)
    for index in range(rows * columns):
        row, column = divmod(index, columns)
        upper, lower = axes[2 * row][column], axes[2 * row + 1][column]
        if index >= len(shown):
            upper.remove()
            lower.remove()
            continue
        _draw_plane(upper, shown[index], limit)
        _draw_angles(lower, shown[index].plane, top)
    return figure


def _draw_plane(ax: Axes, each: Measured, limit: float) -> None:
    density_HH = density(each.plane.points_P2, limit)
    share_HH = density_HH / max(density_HH.max(), 1e-300)
    colour = np.empty((*share_HH.shape, 4))
    colour[..., :3] = to_rgb(COLOURS[5])
    # one colour is readable on light and dark pages, and few steps of it keep the stored pictures small
    colour[..., 3] = 0.9 * np.round(_STEPS * np.sqrt(share_HH)) / _STEPS
    box = (-limit, limit, -limit, limit)
    ax.imshow(colour, origin="lower", extent=box, interpolation="nearest", aspect="equal", zorder=1)
    levels = mass_levels(density_HH, _SHARES)
    centres = np.linspace(-limit, limit, 2 * len(density_HH) + 1)[1::2]
    if levels:
        ax.contour(centres, centres, density_HH, levels=levels, colors=INK, linewidths=0.7)
    ax.set_title(f"{short(each.name, 22)} ({100 * each.plane.kept:.0f} %)")
    ax.set_xlim(-limit, limit)
    ax.set_ylim(-limit, limit)
    ax.set_xlabel("first component")
    ax.set_ylabel("second component")
    ax.locator_params(nbins=5)


def _draw_angles(ax: Axes, plane: Plane, top: float) -> None:
    angle_H, density_H = angle_density(plane.points_P2)
    ax.fill_between(angle_H, density_H * 360, color=COLOURS[5], alpha=0.3, linewidth=0)
    ax.plot(angle_H, density_H * 360, color=COLOURS[0], linewidth=1.2, label="_angles")
    ax.axhline(1, color=PALE, linestyle="--", linewidth=1)
    ax.set_xlim(-180, 180)
    ax.set_xticks(range(-180, 181, 90))
    ax.set_ylim(0, 1.1 * max(1.0, 360 * top))
    ax.set_xlabel("angle, degrees")
    ax.set_ylabel("× uniform")
