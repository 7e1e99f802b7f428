from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from lghrec_compute.graph import GraphDropout, ValueDropout, build_graph

USERS, ITEMS = 30, 20


def random_graph():
    keys = np.unique(np.random.default_rng(2).integers(0, USERS * ITEMS, 200))
    return build_graph(keys // ITEMS, keys % ITEMS, USERS, ITEMS, dtype=torch.float64)


def present(adjacency):
    return adjacency.to_dense().numpy() != 0


@pytest.mark.parametrize("rate", [0.0, 0.1, 0.37, 0.9, 0.999])
def test_edge_dropout_keeps_the_exact_number_of_interactions(rate):
    graph = random_graph()
    kept = present(GraphDropout(graph, kind="edge", rate=rate, seed=1).draw(1, 0))
    assert kept.sum() == 2 * math.floor((1 - rate) * graph.num_edges)
    assert not (kept & ~present(graph.adjacency)).any()


def test_a_rate_counts_as_it_is_written_and_not_as_it_is_rounded():
    # (1 - 0.9) x 10 is 0.9999999999999998 in binary
    graph = build_graph(np.arange(10), np.arange(10), 10, 10)
    assert present(GraphDropout(graph, kind="edge", rate=0.9, seed=1).draw(1, 0)).sum() == 2 * 1
    # 0.29 x 100 is 28.999999999999996
    graph = build_graph(*np.nonzero(np.ones((100, 100))), 100, 100)
    gone = ~present(GraphDropout(graph, kind="node", rate=0.29, seed=1).draw(1, 0)).any(1)
    assert gone.sum() == 29 + 29


@pytest.mark.parametrize("rate", [0.0, 0.1, 0.5, 0.9])
def test_node_dropout_takes_the_exact_number_of_users_and_items_with_all_they_have(rate):
    # all pairs interact, so that removed nodes can be recognized
    user_E, item_E = np.nonzero(np.ones((USERS, ITEMS)))
    graph = build_graph(user_E, item_E, USERS, ITEMS)
    kept = present(GraphDropout(graph, kind="node", rate=rate, seed=1).draw(1, 0))
    users, items = kept[:USERS].any(1), kept[USERS:].any(1)
    assert (~users).sum() == math.floor(rate * USERS)
    assert (~items).sum() == math.floor(rate * ITEMS)
    assert (kept[:USERS, USERS:] == np.outer(users, items)).all()


@pytest.mark.parametrize("kind", ["edge", "node"])
def test_dropped_graph_is_normalised_by_its_own_degrees_and_symmetric_to_the_bit(kind):
    graph = GraphDropout(random_graph(), kind=kind, rate=0.4, seed=1).draw(2, 1)
    matrix = graph.to_dense().numpy()
    assert (matrix == matrix.T).all()
    degree = np.maximum((matrix != 0).sum(1), 1)
    np.testing.assert_allclose(matrix, (matrix != 0) / np.sqrt(np.outer(degree, degree)), rtol=1e-15)
    assert not matrix[:USERS, :USERS].any()
    assert not matrix[USERS:, USERS:].any()


def test_without_dropout_the_graph_is_the_whole_one_to_the_bit():
    graph = random_graph()
    drawn = GraphDropout(graph, kind="edge", rate=0.0, seed=1).draw(3, 0)
    assert torch.equal(drawn.values(), graph.adjacency.values())
    assert torch.equal(drawn.col_indices(), graph.adjacency.col_indices())
    assert torch.equal(drawn.crow_indices(), graph.adjacency.crow_indices())


def test_a_draw_depends_on_seed_and_key_alone():
    graph = random_graph()
    one = GraphDropout(graph, kind="edge", rate=0.3, seed=1)
    first = [present(one.draw(*key)) for key in ((1, 0), (1, 1), (2, 0), (1, 0, 1))]
    np.random.seed(5)
    torch.manual_seed(5)
    again = GraphDropout(graph, kind="edge", rate=0.3, seed=1)
    for kept, key in zip(first, ((1, 0), (1, 1), (2, 0), (1, 0, 1)), strict=True):
        assert (kept == present(again.draw(*key))).all()
    others = [*first, present(GraphDropout(graph, kind="edge", rate=0.3, seed=2).draw(1, 0))]
    assert len({kept.tobytes() for kept in others}) == 5


def test_each_interaction_is_kept_as_often_as_any_other():
    graph = random_graph()
    dropout = GraphDropout(graph, kind="edge", rate=0.25, seed=1)
    draws = 400
    counts = sum(present(dropout.draw(epoch, 0)).astype(int) for epoch in range(draws))
    counts = counts[present(graph.adjacency)]
    # binomial: 300 +- 8.7 each; 5 standard deviations for about 180 interactions
    assert abs(counts - 0.75 * draws).max() < 5 * math.sqrt(draws * 0.75 * 0.25)


def test_a_graph_may_lose_everything():
    graph = build_graph(np.array([0]), np.array([0]), 1, 1)
    drawn = GraphDropout(graph, kind="edge", rate=0.5, seed=1).draw(1, 0)
    assert drawn.values().numel() == 0
    assert (drawn @ torch.ones(2, 3)).abs().sum() == 0


def test_value_dropout_scales_what_stays_and_turns_over_exactly():
    graph = random_graph()
    torch.manual_seed(3)
    there, turned = ValueDropout(graph, 0.25).draw(2)
    whole = graph.adjacency.to_dense()
    for layer, back in zip(there, turned, strict=True):
        matrix = layer.to_dense()
        assert torch.equal(back.to_dense(), matrix.T)
        stays = matrix != 0
        torch.testing.assert_close(matrix, whole * stays / 0.75, rtol=1e-14, atol=0)
        assert not torch.equal(stays, stays.T)  # each direction independently
        share = stays.sum() / (whole != 0).sum()
        assert 0.65 < share < 0.85  # 0.75 +- 0.023 for about 360 entries
    assert not torch.equal(there[0].to_dense(), there[1].to_dense())
