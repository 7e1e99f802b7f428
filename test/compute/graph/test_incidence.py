"""Softmax and sums over the edges of a target, compared with dense tables."""

from __future__ import annotations

import torch

from lghrec_compute.graph.incidence import build_incidence, softmax_by_target, weighted_sum

SOURCES, TARGETS = 5, 4
EDGES = [(2, 3), (0, 1), (4, 1), (0, 0), (1, 1), (2, 0), (4, 3)]  # target 2 and source 3 have no edge


def edges():
    return build_incidence(*torch.tensor(EDGES).T, SOURCES, TARGETS)


def drawn(*shape, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, generator=generator, dtype=torch.float64, requires_grad=True)


def dense(value_E):
    table = value_E.new_zeros(TARGETS, SOURCES)
    incidence = edges()
    return table.index_put((incidence.target_E, incidence.source_E), value_E)


def test_edges_are_sorted_by_target_and_turned_by_source():
    incidence = edges()
    assert incidence.target_E.tolist() == [0, 0, 1, 1, 1, 3, 3]
    assert incidence.source_E.tolist() == [0, 2, 0, 4, 1, 2, 4]
    assert incidence.forward[0].tolist() == [0, 2, 5, 5, 7]
    assert incidence.backward[0].tolist() == [0, 2, 3, 5, 5, 7]
    assert incidence.target_E[incidence.by_source_E].tolist() == incidence.backward[1].tolist()


def test_softmax_is_that_of_each_target_and_head():
    score_HE = drawn(2, len(EDGES))
    share_HE = softmax_by_target(score_HE, edges())
    for score_E, share_E in zip(score_HE, share_HE, strict=True):
        table = dense(torch.ones(len(EDGES), dtype=torch.float64)) > 0
        expected = torch.where(table, dense(score_E), -torch.inf)[[0, 1, 3]].softmax(dim=1)
        torch.testing.assert_close(dense(share_E)[[0, 1, 3]], expected)


def test_softmax_of_any_score_is_finite():
    score_HE = torch.tensor([[1e4, -1e4, 1e4, 1e4, -1e4, -1e4, -1e4]], requires_grad=True)
    share_HE = softmax_by_target(score_HE, edges())
    assert share_HE.tolist() == [[1, 0, 0.5, 0.5, 0, 0.5, 0.5]]
    share_HE.square().sum().backward()
    assert torch.isfinite(score_HE.grad).all()


def test_sums_and_their_gradients_are_those_of_the_dense_product():
    source_SD, weight_E = drawn(SOURCES, 3), drawn(len(EDGES), seed=1)
    result = weighted_sum(source_SD, weight_E, edges())
    assert not result[2].any()
    expected = dense(weight_E) @ source_SD
    torch.testing.assert_close(result, expected)
    upstream = drawn(TARGETS, 3, seed=2).detach()
    got = torch.autograd.grad(result, (source_SD, weight_E), upstream)
    for mine, theirs in zip(got, torch.autograd.grad(expected, (source_SD, weight_E), upstream), strict=True):
        torch.testing.assert_close(mine, theirs)


def test_the_softmax_has_the_gradient_that_differences_show():
    assert torch.autograd.gradcheck(
        lambda score_HE: softmax_by_target(score_HE, edges()), drawn(2, len(EDGES))
    )
