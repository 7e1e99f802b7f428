from __future__ import annotations

import numpy as np
import pytest
import torch

from lghrec_compute.graph import build_graph, propagate

FORMS = [
    (layers, keep, reduce) for layers in (1, 2, 3) for keep in (True, False) for reduce in ("mean", "sum")
]


def random_graph():
    keys = np.unique(np.random.default_rng(2).integers(0, 7 * 5, 20))
    return build_graph(keys // 5, keys % 5, 7, 5, dtype=torch.float64)


def dense_twin(nodes_VD, graph, layers, keep, reduce):
    """Compute all layers with a dense matrix, and then their mean or sum."""
    tables = [nodes_VD]
    for _ in range(layers):
        tables.append(graph.adjacency.to_dense() @ tables[-1])
    stack = torch.stack(tables if keep else tables[1:])
    return stack.mean(0) if reduce == "mean" else stack.sum(0)


@pytest.mark.parametrize(("layers", "keep", "reduce"), FORMS)
def test_propagate_and_its_gradient_equal_the_dense_twin(layers, keep, reduce):
    graph = random_graph()
    generator = torch.Generator().manual_seed(3)
    nodes_VD = torch.randn(12, 4, dtype=torch.float64, generator=generator, requires_grad=True)
    weight_VD = torch.randn(12, 4, dtype=torch.float64, generator=generator)

    result_VD = propagate(nodes_VD, graph.adjacency, layers, keep_layer_zero=keep, reduce=reduce)
    (gradient_VD,) = torch.autograd.grad((result_VD * weight_VD).sum(), nodes_VD)
    twin_VD = dense_twin(nodes_VD, graph, layers, keep, reduce)
    (twin_gradient_VD,) = torch.autograd.grad((twin_VD * weight_VD).sum(), nodes_VD)

    torch.testing.assert_close(result_VD, twin_VD, rtol=1e-13, atol=1e-15)
    torch.testing.assert_close(gradient_VD, twin_gradient_VD, rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize(("layers", "keep", "reduce"), FORMS)
def test_first_and_second_derivatives_pass_gradcheck(layers, keep, reduce):
    graph = random_graph()
    nodes_VD = torch.randn(
        12, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(4), requires_grad=True
    )

    def form(x):
        return propagate(x, graph.adjacency, layers, keep_layer_zero=keep, reduce=reduce)

    assert torch.autograd.gradcheck(form, nodes_VD)
    assert torch.autograd.gradgradcheck(form, nodes_VD)


def test_no_layer_is_the_table_itself():
    nodes_VD = torch.randn(12, 2, dtype=torch.float64)
    assert propagate(nodes_VD, random_graph().adjacency, 0) is nodes_VD


def test_gradient_that_is_not_contiguous_is_taken():
    graph = random_graph()
    nodes_VD = torch.ones(12, 2, dtype=torch.float64, requires_grad=True)
    propagate(nodes_VD, graph.adjacency, 2).T.reshape(2, 12).sum().backward()
    expanded = nodes_VD.grad
    nodes_VD.grad = None
    propagate(nodes_VD, graph.adjacency, 2).backward(torch.ones(12, 2, dtype=torch.float64))
    torch.testing.assert_close(expanded, nodes_VD.grad)
