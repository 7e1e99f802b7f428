"""Degree groups with any number of groups."""

from __future__ import annotations

import numpy as np
import pytest

from lghrec_compute.degree_groups import COLD, degree_groups


@pytest.mark.parametrize("num_groups", [1, 2, 3, 5, 8])
def test_groups_are_cut_at_quantiles_of_the_degrees_of_the_nodes_that_have_one(num_groups):
    degree = np.random.default_rng(num_groups).integers(0, 40, 333)
    some = degree[degree > 0]
    edges = np.quantile(some, np.arange(1, num_groups) / num_groups, method="inverted_cdf")
    expected = np.where(degree > 0, np.searchsorted(edges, degree), COLD)
    assert degree_groups(degree, num_groups).tolist() == expected.tolist()


def test_no_edge_moves_by_rounding():
    # 7 / 25 of 100 nodes are 28 nodes; in floating point 100 * (7 / 25) is above 28
    group = degree_groups(np.arange(1, 101), 25)
    assert np.bincount(group).tolist() == [4] * 25


def test_degrees_can_be_floats():
    assert degree_groups(np.array([0.0, 3.0, 1.0]), 2).tolist() == [COLD, 1, 0]
