"""The plane of the largest variance of embeddings, and densities in this plane.

Shapes: P points, D embedding size, H cells of a grid.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter, gaussian_filter1d

from lghrec_compute.types import Doubles, Floats

_BINS, _ANGLE_BINS = 128, 180
_ANGLE_WIDTH = 8.0
"""Bandwidth of the density of angles, in degrees."""


@dataclass(frozen=True)
class Plane:
    """Points in the plane of their first two principal components.

    `points_P2` holds the coordinates of the centred unit vectors. `kept` is the share of their variance that
    the plane shows.
    """

    points_P2: Doubles
    kept: float


def principal_plane(vector_PD: Floats) -> Plane:
    """Project the centred unit vectors to the plane. Rows of zeros are not scaled to unit length.

    The signs of the components are chosen so that the largest loading of each component is positive.
    """
    unit_PD = vector_PD.astype(np.float64)
    unit_PD /= np.maximum(np.linalg.norm(unit_PD, axis=1, keepdims=True), 1e-12)
    unit_PD -= unit_PD.mean(axis=0)
    values_D, axes_DD = np.linalg.eigh(unit_PD.T @ unit_PD)
    axes_D2 = axes_DD[:, ::-1][:, :2]
    largest_2 = np.take_along_axis(axes_D2, np.abs(axes_D2).argmax(axis=0)[None], axis=0)
    axes_D2 = axes_D2 * np.where(largest_2 < 0, -1.0, 1.0)
    total = values_D.sum()
    points_P2 = unit_PD @ axes_D2
    if points_P2.shape[1] < 2:
        points_P2 = np.pad(points_P2, ((0, 0), (0, 2 - points_P2.shape[1])))
    return Plane(points_P2, float(values_D[::-1][:2].sum() / total) if total > 0 else 1.0)


def density(points_P2: Doubles, limit: float) -> Doubles:
    """Compute the Gaussian kernel density on a grid over [-limit, limit]^2, [H, H], with y as the first axis.

    The bandwidth on each axis is that of Scott's rule, P^(-1/6) standard deviations. The points are counted
    in cells first, so the cost of the smoothing does not depend on the number of points.
    """
    edges = np.linspace(-limit, limit, _BINS + 1)
    count_HH, _, _ = np.histogram2d(points_P2[:, 1], points_P2[:, 0], bins=(edges, edges))
    cell = edges[1] - edges[0]
    width_2 = points_P2.std(axis=0)[::-1] * len(points_P2) ** (-1 / 6) / cell
    smooth_HH = gaussian_filter(count_HH, np.maximum(width_2, 1e-6), mode="constant")
    return smooth_HH / (len(points_P2) * cell**2)


def mass_levels(density_HH: Doubles, shares: tuple[float, ...]) -> list[float]:
    """Return the densities above which the given shares of the mass lie, in ascending order and distinct."""
    ordered = np.sort(density_HH.ravel())[::-1]
    below = np.cumsum(ordered) / max(ordered.sum(), 1e-300)
    indices = np.minimum(np.searchsorted(below, shares), len(ordered) - 1)
    return sorted({float(ordered[index]) for index in indices if ordered[index] > 0})


def angle_density(points_P2: Doubles) -> tuple[Doubles, Doubles]:
    """Return angles from -180 to 180 degrees and the density of the points per degree, each of shape [H]."""
    angle_P = np.degrees(np.arctan2(points_P2[:, 1], points_P2[:, 0]))
    count_H, edges = np.histogram(angle_P, bins=_ANGLE_BINS, range=(-180, 180))
    cell = 360 / _ANGLE_BINS
    smooth_H = gaussian_filter1d(count_H.astype(np.float64), _ANGLE_WIDTH / cell, mode="wrap")
    return (edges[:-1] + edges[1:]) / 2, smooth_H / (len(points_P2) * cell)
