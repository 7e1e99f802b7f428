"""The plane of embeddings and densities in it, against sums over all points."""

from __future__ import annotations

import numpy as np
import pytest

from lghrec_compute.reporting.plane import angle_density, density, mass_levels, principal_plane


def test_plane_finds_the_directions_of_most_variance():
    rng = np.random.default_rng(0)
    angle = rng.uniform(-np.pi, np.pi, 500)
    vectors = np.stack([0.01 * rng.normal(size=500), np.sin(angle), np.cos(angle)], axis=1)
    found = principal_plane((7 * vectors).astype(np.float32))
    assert found.kept > 0.99
    np.testing.assert_allclose(np.linalg.norm(found.points_P2, axis=1), 1, atol=0.12)


def test_plane_takes_rows_of_zeros_and_a_single_dimension():
    found = principal_plane(np.array([[0.0], [2.0], [-3.0]], np.float32))
    assert sorted(found.points_P2[:, 0]) == pytest.approx([-1, 0, 1])
    assert np.isfinite(principal_plane(np.zeros((3, 4), np.float32)).points_P2).all()


def test_density_equals_a_sum_of_kernels():
    points = np.random.default_rng(1).normal(size=(300, 2)) * 0.2
    limit, bins = 1.5, 128
    found = density(points, limit)
    width = points.std(axis=0) * 300 ** (-1 / 6)
    centres = np.linspace(-limit, limit, 2 * bins + 1)[1::2]
    x, y = np.meshgrid(centres, centres)
    far = ((x[..., None] - points[:, 0]) / width[0]) ** 2 + ((y[..., None] - points[:, 1]) / width[1]) ** 2
    expected = np.exp(-far / 2).mean(axis=-1) / (2 * np.pi * width.prod())
    # points are moved to the middle of a cell of .023, a quarter of the bandwidth
    np.testing.assert_allclose(found, expected, atol=0.04 * expected.max())
    assert found.sum() * (2 * limit / bins) ** 2 == pytest.approx(1, abs=1e-3)


def test_mass_levels_enclose_the_shares():
    grid = np.array([[0.4, 0.3], [0.2, 0.1]])
    assert mass_levels(grid, (0.5, 0.85)) == [0.2, 0.3]


def test_angles_go_round():
    angle = np.radians([179.0, -179.0])
    centre, found = angle_density(np.stack([np.cos(angle), np.sin(angle)], axis=1))
    assert found.sum() * 2 == pytest.approx(1)
    assert found[0] == pytest.approx(found[-1])
    assert abs(centre[found.argmax()]) == 179
