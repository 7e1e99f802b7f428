"""K-means compared with planted clusters and with plain Python."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from lghrec_compute.graph import kmeans


def points(seed=0, count=60, dim=3):
    return np.random.default_rng(seed).normal(size=(count, dim))


def twin(rows, num_clusters, seed, iterations):
    """Compute k-means with loops."""
    first = np.random.default_rng(seed).choice(len(rows), num_clusters, replace=False)
    centers = [rows[index] for index in first]
    for turn in range(iterations):
        if turn:
            for k in range(num_clusters):
                members = [row for row, label in zip(rows, labels, strict=True) if label == k]  # noqa: F821
                centers[k] = sum(members) / len(members) if members else centers[k]
        labels = [min(range(num_clusters), key=lambda k: ((row - centers[k]) ** 2).sum()) for row in rows]
    return labels


@pytest.mark.parametrize("iterations", [1, 2, 3, 25])
def test_clusters_equal_the_twin(iterations):
    rows = points()
    found = kmeans(torch.from_numpy(rows), 7, np.random.default_rng(5), iterations=iterations)
    assert found.tolist() == twin(rows, 7, 5, iterations)


def test_planted_clusters_are_recovered():
    # 4 distant clouds: with one start point in each, the clusters do not change
    center_KD = torch.tensor([[9.0, 0], [0, 9], [-9, 0], [0, -9]])
    planted_N = torch.arange(400) % 4
    points_ND = center_KD[planted_N] + torch.randn(400, 2, generator=torch.Generator().manual_seed(0))
    start_N = planted_N.clone()
    start_N[:100] = 0  # a quarter of the points starts in a wrong cluster
    found_N = kmeans(points_ND, 4, np.random.default_rng(0), start_N=start_N)
    assert torch.equal(found_N, planted_N)


def test_center_without_points_stays_where_it_was():
    # all points are equal: the first of the equal centers gets all points, and the others get none
    found_N = kmeans(torch.ones(5, 2), 3, np.random.default_rng(0))
    assert found_N.tolist() == [0, 0, 0, 0, 0]


def test_start_without_members_leaves_a_center_at_its_drawn_point():
    rows = torch.tensor([[0.0], [1.0], [10.0], [11.0]])
    start_N = torch.zeros(4, dtype=torch.int64)  # center 0 at 5.5, center 1 at a drawn point
    found_N = kmeans(rows, 2, np.random.default_rng(3), start_N=start_N)
    assert len(set(found_N[:2].tolist())) == len(set(found_N[2:].tolist())) == 1
    assert found_N[0] != found_N[2]


def test_as_many_clusters_as_points_gives_each_its_own():
    found_N = kmeans(torch.from_numpy(points(count=20)), 20, np.random.default_rng(1))
    assert sorted(found_N.tolist()) == list(range(20))


def test_same_seed_gives_the_same_clusters():
    rows = torch.from_numpy(points(count=500)).float()
    one, two = (kmeans(rows, 30, np.random.default_rng(2)) for _ in range(2))
    assert torch.equal(one, two)


def test_rounds_end_when_no_more_than_the_tolerance_changes():
    # all 60 points can change: one round after the first assignment, as with 2 iterations
    rows = torch.from_numpy(points())
    found_N = kmeans(rows, 7, np.random.default_rng(5), tolerance=1.0)
    assert found_N.tolist() == twin(points(), 7, 5, 2)
