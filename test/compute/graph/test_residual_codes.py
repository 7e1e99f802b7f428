"""Residual codes compared with their definition."""

from __future__ import annotations

import numpy as np
import torch

from lghrec_compute.graph.residual_codes import residual_codes


def test_codes_of_each_level_quantise_what_the_level_before_has_left():
    # two distant pairs of close points: 0 0.1 | 10 10.1
    points_ND = torch.tensor([[0.0], [10.1], [0.1], [10.0]], dtype=torch.float64)
    code_NH = residual_codes(points_ND, 2, 2, seed=0).numpy()
    near, far = code_NH[0, 0], code_NH[1, 0]
    assert code_NH[:, 0].tolist() == [near, far, near, far]
    assert {near, far} == {0, 1}
    # the means 0.05 and 10.05 leave -0.05, 0.05, 0.05, -0.05: the lower points of both share the second code
    low, high = code_NH[0, 1], code_NH[1, 1]
    assert code_NH[:, 1].tolist() == [low, high, high, low]
    assert {low, high} == {2, 3}


def twin(points, num_codes, num_levels, code_NH):
    """Compute the residuals of each level with loops; each point must be closest to the mean of its
    cluster."""
    for level in range(num_levels):
        clusters = code_NH[:, level] - level * num_codes
        means = {code: points[clusters == code].mean(axis=0) for code in set(clusters.tolist())}
        for point, own in zip(points, clusters.tolist(), strict=True):
            distances = {code: ((point - mean) ** 2).sum() for code, mean in means.items()}
            assert distances[own] <= min(distances.values()) + 1e-9
        points = points - np.array([means[own] for own in clusters.tolist()])
    return (points**2).sum()


def test_every_point_has_the_nearest_code_of_every_level():
    points = np.random.default_rng(0).normal(size=(60, 5))
    left = []
    for num_levels in (1, 2, 3):
        code_NH = residual_codes(torch.from_numpy(points), 4, num_levels, seed=7).numpy()
        assert code_NH.shape == (60, num_levels)
        left.append(twin(points, 4, num_levels, code_NH))
    assert (points**2).sum() > left[0] > left[1] > left[2]


def test_codes_depend_on_the_seed_alone():
    points_ND = torch.randn(50, 3, generator=torch.Generator().manual_seed(1))
    torch.manual_seed(5)
    first = residual_codes(points_ND, 6, 2, seed=3)
    torch.manual_seed(6)
    assert torch.equal(first, residual_codes(points_ND, 6, 2, seed=3))
    assert not torch.equal(first, residual_codes(points_ND, 6, 2, seed=4))


def test_as_many_codes_as_points_leave_nothing():
    points_ND = torch.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 0.0]])
    code_NH = residual_codes(points_ND, 3, 1, seed=0)
    assert sorted(code_NH[:, 0].tolist()) == [0, 1, 2]
