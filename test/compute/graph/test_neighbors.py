"""Neighbors of the same type compared with a dense computation, with ties and nodes without neighbors."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from lghrec_compute.graph import build_graph, find_neighbors, neighbors


def random_pairs(seed, users=23, items=17, share=0.2):
    has_UI = np.random.default_rng(seed).random((users, items)) < share
    has_UI[:, 0] |= ~has_UI.any(1)
    return has_UI, np.argwhere(has_UI)


def twin(has_XY, count):
    """Return the other nodes of each row by descending cosine, and then by id."""
    found = []
    for a, row in enumerate(has_XY):
        similar = []
        for b, other in enumerate(has_XY):
            common = float((row & other).sum())
            if a != b and common:
                similar.append((-common / (np.sqrt(row.sum()) * np.sqrt(other.sum()) + 1e-6), b))
        found.append([(b, -minus) for minus, b in sorted(similar)[:count]])
    return found


@pytest.mark.parametrize("count", [1, 4, 40])
@pytest.mark.parametrize("block", [1, 50, 1 << 22])
def test_neighbors_equal_the_dense_twin(count, block, monkeypatch):
    monkeypatch.setattr(neighbors, "_BLOCK", block)
    has_UI, pairs = random_pairs(count)
    graph = build_graph(*pairs.T, *has_UI.shape)
    found = find_neighbors(graph, count, by="similarity")
    for has_XY, first in ((has_UI, 0), (has_UI.T, len(has_UI))):
        for a, expected in enumerate(twin(has_XY, count)):
            node = first + a
            ids = [first + b for b, _ in expected]
            assert found.node_VK[node].tolist() == ids + [node] * (count - len(ids))
            weight = np.array([cosine for _, cosine in expected])
            bounds = np.cumsum(weight) / weight.sum() if len(weight) else []
            padded = [*bounds, *[1.0] * (count - len(bounds))]
            np.testing.assert_allclose(found.bound_VK[node].numpy(), padded, rtol=1e-6)


def test_of_two_as_similar_the_lower_id_comes_first():
    # users 0, 1, 2 and 3 have item 0 only, so all are equally similar
    graph = build_graph(np.array([0, 1, 2, 3]), np.array([0, 0, 0, 0]), 4, 1)
    found = find_neighbors(graph, 2, by="uniform")
    assert found.node_VK.tolist() == [[1, 2], [0, 2], [0, 1], [0, 1], [4, 4]]
    assert found.bound_VK.tolist() == [[0.5, 1.0]] * 4 + [[1.0, 1.0]]


def test_node_without_a_neighbor_draws_itself():
    # no common items; user 2 has no interactions
    graph = build_graph(np.array([0, 1]), np.array([0, 1]), 3, 2)
    found = find_neighbors(graph, 5, by="similarity")
    assert found.draw(torch.arange(5)).tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(("by", "share"), [("uniform", 0.5), ("similarity", 0.75)])
def test_neighbors_are_drawn_by_their_shares(by, share):
    # user 0 {0..3} and 1 {0..2}: 3 / sqrt(4 x 3) = .866; user 2 {3} plus 2 others: 1 / sqrt(4 x 3) = .289
    user_E = np.array([0, 0, 0, 0, 1, 1, 1, 2, 2, 2])
    item_E = np.array([0, 1, 2, 3, 0, 1, 2, 3, 4, 5])
    found = find_neighbors(build_graph(user_E, item_E, 3, 6), 4, by=by)
    torch.manual_seed(0)
    drawn = found.draw(torch.zeros(20_000, dtype=torch.int64))
    assert set(drawn.tolist()) == {1, 2}
    # 5 standard deviations are 0.018
    assert (drawn == 1).double().mean().item() == pytest.approx(share, abs=0.02)
