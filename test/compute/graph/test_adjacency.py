from __future__ import annotations

import numpy as np
import pytest
import torch

from lghrec_compute.errors import DataError
from lghrec_compute.graph import build_graph

# users 0..2, items 0..2; user 2 and item 2 are isolated: degrees 2, 1, 0 | 1, 2, 0
USERS, ITEMS = np.array([0, 0, 1]), np.array([0, 1, 1])


def test_adjacency_is_the_normalised_bipartite_matrix():
    dense_VV = build_graph(USERS, ITEMS, 3, 3, dtype=torch.float64).adjacency.to_dense()
    expected_VV = torch.zeros(6, 6, dtype=torch.float64)
    expected_VV[0, 3] = expected_VV[3, 0] = 1 / np.sqrt(2 * 1)
    expected_VV[0, 4] = expected_VV[4, 0] = 1 / np.sqrt(2 * 2)
    expected_VV[1, 4] = expected_VV[4, 1] = 1 / np.sqrt(1 * 2)
    torch.testing.assert_close(dense_VV, expected_VV, rtol=1e-15, atol=0)


def test_adjacency_is_symmetric_to_the_bit_and_int32():
    random = np.random.default_rng(1)
    keys = np.unique(random.integers(0, 40 * 30, 300))
    graph = build_graph(keys // 30, keys % 30, 40, 30)
    dense_VV = graph.adjacency.to_dense()
    assert torch.equal(dense_VV, dense_VV.T)
    assert graph.adjacency.crow_indices().dtype == graph.adjacency.col_indices().dtype == torch.int32


def test_isolated_nodes_have_degree_zero_and_a_row_of_zeros():
    graph = build_graph(USERS, ITEMS, 3, 3)
    assert graph.degree_V.tolist() == [2, 1, 0, 1, 2, 0]
    assert graph.num_edges == 3
    assert graph.adjacency.to_dense()[[2, 5]].abs().sum() == 0


def test_order_of_the_interactions_does_not_matter():
    turned = build_graph(USERS[::-1].copy(), ITEMS[::-1].copy(), 3, 3).adjacency
    assert torch.equal(turned.to_dense(), build_graph(USERS, ITEMS, 3, 3).adjacency.to_dense())


@pytest.mark.parametrize(
    ("users", "items", "message"),
    [
        ([], [], "no train interactions"),
        ([0, 3], [0, 1], "user id out of range: got 0..3, expected 0..2"),
        ([0, 1], [-1, 1], "item id out of range: got -1..1, expected 0..2"),
        ([0, 0], [1, 1], "duplicate train interactions"),
    ],
)
def test_unusable_interactions_are_refused(users, items, message):
    with pytest.raises(DataError, match=message):
        build_graph(np.array(users, np.int64), np.array(items, np.int64), 3, 3)
