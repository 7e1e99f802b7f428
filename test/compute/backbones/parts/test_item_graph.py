from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from lghrec_compute.backbones import EgoTable
from lghrec_compute.backbones.parts.item_graph import WithNeighbors
from lghrec_compute.backbones.parts.row_split import LinearFusion
from lghrec_compute.dseg.fuse import ConcatLinear

# 0 - 1 - 2, and 3 alone
EDGES = (np.array([0, 1, 1, 2]), np.array([1, 0, 2, 1]))


def fused() -> ConcatLinear:
    semantic_IC = torch.randn(4, 5, generator=torch.Generator().manual_seed(0))
    return ConcatLinear(semantic_IC, torch.ones(4, dtype=torch.bool), dim=3, seed=0)


def test_each_row_is_its_own_and_the_weighted_sum_of_its_neighbours():
    mixed = WithNeighbors(nn.Identity(), EDGES, num_items=4, weight=0.5)
    id_ID = torch.tensor([[1.0], [2.0], [4.0], [8.0]])
    root = 2**-0.5  # of the degrees 1 and 2
    expected = [1 + 0.5 * root * 2, 2 + 0.5 * root * (1 + 4), 4 + 0.5 * root * 2, 8.0]
    torch.testing.assert_close(mixed(id_ID), torch.tensor(expected)[:, None])


def test_without_an_edge_the_rows_are_the_fusions():
    nothing = np.zeros(0, dtype=np.int64)
    mixed = WithNeighbors(nn.Identity(), (nothing, nothing), num_items=2, weight=0.5)
    assert mixed(torch.tensor([[1.0], [2.0]])).tolist() == [[1.0], [2.0]]


def test_gradients_flow_to_neighbours_and_to_the_fusion():
    mixed = WithNeighbors(fused(), EDGES, num_items=4, weight=0.3).double()
    id_ID = torch.randn(4, 3, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(mixed, id_ID)
    mixed(id_ID).square().sum().backward()
    assert all(parameter.grad is not None and parameter.grad.any() for parameter in mixed.parameters())


def test_graph_is_no_part_of_a_checkpoint_and_never_split_by_rows():
    mixed = WithNeighbors(fused(), EDGES, num_items=4, weight=0.5)
    ego = EgoTable(2, 4, 3, seed=0, fusion=mixed)
    assert not any("graph" in name for name in ego.state_dict())
    assert isinstance(mixed.fusion, LinearFusion)
    assert not isinstance(mixed, LinearFusion)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_model_may_be_turned_to_another_precision(dtype):
    mixed = WithNeighbors(nn.Identity(), EDGES, num_items=4, weight=0.5).to(dtype)
    assert mixed(torch.ones(4, 2, dtype=dtype)).dtype == dtype
