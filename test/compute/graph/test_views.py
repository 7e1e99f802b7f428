"""Another graph in each layer, noise in layers, and the low-rank graph, compared with dense matrices."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from lghrec_compute.graph import (
    GraphDropout,
    ValueDropout,
    build_graph,
    low_rank,
    propagate,
    propagate_noisily,
    propagate_through,
)

USERS, ITEMS = 7, 5


def random_graph():
    keys = np.unique(np.random.default_rng(2).integers(0, USERS * ITEMS, 20))
    return build_graph(keys // ITEMS, keys % ITEMS, USERS, ITEMS, dtype=torch.float64)


def random_rows():
    generator = torch.Generator().manual_seed(3)
    return torch.randn(12, 4, dtype=torch.float64, generator=generator, requires_grad=True)


def dense_path(nodes_VD, matrices, reduce):
    tables = [nodes_VD]
    for matrix in matrices:
        tables.append(matrix.to_dense() @ tables[-1])
    stack = torch.stack(tables)
    return stack.mean(0) if reduce == "mean" else stack.sum(0)


@pytest.mark.parametrize("reduce", ["mean", "sum"])
@pytest.mark.parametrize("layers", [1, 2, 3])
@pytest.mark.parametrize("symmetric", [True, False])
def test_path_and_its_gradient_equal_the_dense_twin(layers, reduce, symmetric):
    graph, nodes_VD = random_graph(), random_rows()
    if symmetric:
        dropout = GraphDropout(graph, kind="edge", rate=0.3, seed=1)
        there, back = [dropout.draw(1, 0, layer) for layer in range(layers)], None
    else:
        there, back = ValueDropout(graph, 0.3).draw(layers)
    weight_VD = torch.linspace(-1, 1, 48, dtype=torch.float64).view(12, 4)
    result_VD = propagate_through(nodes_VD, there, transposed=back, reduce=reduce)
    twin_VD = dense_path(nodes_VD, there, reduce)
    torch.testing.assert_close(result_VD, twin_VD, rtol=1e-13, atol=1e-15)
    (gradient_VD,) = torch.autograd.grad((result_VD * weight_VD).sum(), nodes_VD)
    (twin_gradient_VD,) = torch.autograd.grad((twin_VD * weight_VD).sum(), nodes_VD)
    torch.testing.assert_close(gradient_VD, twin_gradient_VD, rtol=1e-13, atol=1e-15)

    def path(x):
        return propagate_through(x, there, transposed=back, reduce=reduce)

    assert torch.autograd.gradcheck(path, nodes_VD)
    assert torch.autograd.gradgradcheck(path, nodes_VD)


def test_path_over_the_same_graph_is_propagate_and_over_none_the_table_itself():
    graph, nodes_VD = random_graph(), random_rows()
    path_VD = propagate_through(nodes_VD, [graph.adjacency] * 3)
    torch.testing.assert_close(path_VD, propagate(nodes_VD, graph.adjacency, 3), rtol=1e-13, atol=1e-15)
    assert propagate_through(nodes_VD, []) is nodes_VD


def noisy(nodes_VD, graph, *, noise, keep, layers=3):
    clean_VD = propagate(nodes_VD, graph.adjacency, layers, keep_layer_zero=keep)
    result_VD = propagate_noisily(
        nodes_VD, graph.adjacency, layers, noise=noise, keep_layer_zero=keep, clean_VD=clean_VD
    )
    return result_VD, clean_VD


def test_noise_of_one_layer_has_its_length_and_its_orthant():
    graph, nodes_VD = random_graph(), random_rows()
    result_VD, clean_VD = noisy(nodes_VD, graph, noise=0.3, keep=False, layers=1)
    noise_VD = (result_VD - clean_VD).detach()
    linked_V = graph.degree_V > 0
    torch.testing.assert_close(noise_VD.norm(dim=1)[linked_V], torch.full_like(noise_VD[linked_V, 0], 0.3))
    assert (noise_VD * clean_VD >= 0)[linked_V].all()
    assert noise_VD[~linked_V].abs().sum() == 0
    again_VD, _ = noisy(nodes_VD, graph, noise=0.3, keep=False, layers=1)
    assert not torch.equal(result_VD, again_VD)


@pytest.mark.parametrize("keep", [True, False])
def test_noise_is_no_part_of_the_gradient(keep):
    graph, nodes_VD = random_graph(), random_rows()
    weight_VD = torch.linspace(-1, 1, 48, dtype=torch.float64).view(12, 4)
    result_VD, clean_VD = noisy(nodes_VD, graph, noise=0.3, keep=keep)
    assert not torch.equal(result_VD, clean_VD)
    (gradient_VD,) = torch.autograd.grad((result_VD * weight_VD).sum(), nodes_VD)
    (clean_gradient_VD,) = torch.autograd.grad(
        (propagate(nodes_VD, graph.adjacency, 3, keep_layer_zero=keep) * weight_VD).sum(), nodes_VD
    )
    assert torch.equal(gradient_VD, clean_gradient_VD)


@pytest.mark.parametrize("keep", [True, False])
def test_without_noise_the_view_is_the_clean_one(keep):
    result_VD, clean_VD = noisy(random_rows(), random_graph(), noise=0.0, keep=keep)
    torch.testing.assert_close(result_VD, clean_VD, rtol=1e-13, atol=1e-15)


def interactions(graph):
    return graph.adjacency.to_dense()[:USERS, USERS:]


@pytest.mark.parametrize("rank", [5, 50])
def test_low_rank_graph_of_full_rank_is_the_graph(rank):
    graph = random_graph()
    left_UQ, right_IQ = low_rank(graph, rank, seed=0)
    assert left_UQ.shape == (USERS, 5)
    torch.testing.assert_close(left_UQ @ right_IQ.T, interactions(graph), rtol=1e-12, atol=1e-14)


def test_low_rank_graph_is_close_to_the_best_of_its_rank():
    user_E, item_E = np.nonzero(np.random.default_rng(4).random((60, 40)) < 0.2)
    graph = build_graph(user_E, item_E, 60, 40, dtype=torch.float64)
    matrix = graph.adjacency.to_dense()[:60, 60:]
    left_UQ, right_IQ = low_rank(graph, 5, seed=0)
    error = torch.linalg.norm(matrix - left_UQ @ right_IQ.T)
    best = torch.linalg.svdvals(matrix)[5:].square().sum().sqrt()
    assert best <= error < 1.05 * best
    torch.testing.assert_close(right_IQ.T @ right_IQ, torch.eye(5, dtype=torch.float64))
    # L^T L is diagonal with the squares of the singular values, the largest of them near 1
    square_QQ = left_UQ.T @ left_UQ
    torch.testing.assert_close(square_QQ, torch.diag(torch.diag(square_QQ)))
    assert square_QQ[0, 0].item() == pytest.approx(1, abs=0.01)


def test_low_rank_graph_depends_on_the_seed_alone():
    graph = random_graph()
    torch.manual_seed(1)
    one = low_rank(graph, 2, seed=0)
    torch.manual_seed(2)
    for left, right in zip(one, low_rank(graph, 2, seed=0), strict=True):
        assert torch.equal(left, right)
    assert not torch.equal(one[0], low_rank(graph, 2, seed=1)[0])
