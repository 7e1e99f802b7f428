from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from lghrec_compute.backbones import EgoTable
from lghrec_compute.backbones.row_split import LinearFusion
from lghrec_compute.dseg import item_graph as module
from lghrec_compute.dseg.fuse import ConcatLinear
from lghrec_compute.dseg.item_graph import WithNeighbors, item_graph
from lghrec_compute.errors import ConfigError


def circle(*degrees: float) -> np.ndarray:
    """Unit vectors at these angles."""
    turn = np.radians(degrees)
    return np.stack([np.cos(turn), np.sin(turn)], axis=1).astype(np.float32)


def test_items_hang_together_where_either_is_among_the_others_nearest():
    # nearest to 0 degrees is 10, to 10 is 0, to 40 is 10; 200 has no text
    semantic_IC = circle(0, 10, 40, 200)
    graph = item_graph(semantic_IC, np.array([True, True, True, False]), num=1).to_dense().numpy()
    edges = np.array([[0, 1, 0, 0], [1, 0, 1, 0], [0, 1, 0, 0], [0, 0, 0, 0]])
    degree = np.array([1, 2, 1, 1])
    np.testing.assert_allclose(graph, edges / np.sqrt(np.outer(degree, degree)), rtol=1e-6)


def test_each_row_is_its_own_and_the_weighted_mean_of_its_neighbours():
    semantic_IC, mask_I = circle(0, 10, 40, 200), np.array([True, True, True, False])
    mixed = WithNeighbors(nn.Identity(), item_graph(semantic_IC, mask_I, num=1), weight=0.5)
    id_ID = torch.tensor([[1.0], [2.0], [4.0], [8.0]])
    root = 2**-0.5
    expected = [1 + 0.5 * root * 2, 2 + 0.5 * root * (1 + 4), 4 + 0.5 * root * 2, 8.0]
    torch.testing.assert_close(mixed(id_ID), torch.tensor(expected)[:, None])


def test_gradients_flow_to_neighbours_and_to_the_fusion():
    generator = torch.Generator().manual_seed(0)
    semantic_IC = torch.randn(12, 5, generator=generator)
    mask_I = torch.ones(12, dtype=torch.bool)
    graph = item_graph(semantic_IC.numpy(), mask_I.numpy(), num=2)
    mixed = WithNeighbors(ConcatLinear(semantic_IC, mask_I, dim=4, seed=0), graph, weight=0.3).double()
    id_ID = torch.randn(12, 4, generator=generator, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(mixed, id_ID)
    mixed(id_ID).square().sum().backward()
    assert all(parameter.grad is not None and parameter.grad.any() for parameter in mixed.parameters())


def test_graph_is_no_part_of_a_checkpoint_and_never_split_by_rows():
    semantic_IC, mask_I = torch.from_numpy(circle(0, 10, 40)), torch.ones(3, dtype=torch.bool)
    fusion = ConcatLinear(semantic_IC, mask_I, dim=2, seed=0)
    mixed = WithNeighbors(fusion, item_graph(semantic_IC.numpy(), mask_I.numpy(), num=1), weight=0.5)
    ego = EgoTable(2, 3, 2, seed=0, fusion=mixed)
    assert not any("graph" in name for name in ego.state_dict())
    assert isinstance(fusion, LinearFusion)
    assert not isinstance(mixed, LinearFusion)


def test_too_many_items_are_refused_with_the_field(monkeypatch):
    monkeypatch.setattr(module, "MAX_ITEMS", 3)
    with pytest.raises(ConfigError, match="got 4, expected at most 3") as raised:
        item_graph(circle(0, 1, 2, 3), np.ones(4, dtype=bool), num=1)
    assert [violation.path for violation in raised.value.violations] == ["fusion.neighbors"]
