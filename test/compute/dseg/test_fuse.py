from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from lghrec_compute.backbones import EgoTable
from lghrec_compute.dseg.fuse import FUSIONS, ConcatLinear, WeightedSum
from lghrec_compute.spec.train import FUSIONS as FUSION_NAMES


def ids_and_mask(num_items: int = 200, num_columns: int = 48, shift: float = 0.0) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(0)
    semantic_IC = nn.functional.normalize(
        torch.randn(num_items, num_columns, generator=generator) + shift, dim=1
    )
    mask_I = torch.ones(num_items, dtype=torch.bool)
    mask_I[::9] = False
    return semantic_IC * mask_I[:, None], mask_I


def xavier(num_items: int, dim: int) -> Tensor:
    return nn.init.xavier_uniform_(torch.empty(num_items, dim), generator=torch.Generator().manual_seed(1))


def oracle(fusion: ConcatLinear, semantic_IC: Tensor, mask_I: Tensor, id_ID: Tensor) -> np.ndarray:
    """Concatenation and one matrix product in float64."""
    semantic, mask = semantic_IC.double().numpy(), mask_I.numpy()
    standard = np.zeros_like(semantic)
    standard[mask] = (semantic[mask] - semantic[mask].mean(0)) / semantic[mask].std(0)
    both = np.concatenate([id_ID.detach().double().numpy(), standard], axis=1)
    weight, bias = (value.detach().double().numpy() for value in (fusion.linear.weight, fusion.linear.bias))
    return both @ weight.T + bias


def test_fusion_equals_its_numpy_oracle() -> None:
    semantic_IC, mask_I = ids_and_mask()
    fusion = ConcatLinear(semantic_IC, mask_I, dim=16, seed=0)
    with torch.no_grad():  # other than the special initial value
        fusion.linear.weight += 0.1 * torch.randn(16, 64, generator=torch.Generator().manual_seed(2))
        fusion.linear.bias += 0.3
    id_ID = xavier(200, 16)
    difference = fusion(id_ID).detach().double().numpy() - oracle(fusion, semantic_IC, mask_I, id_ID)
    assert np.abs(difference).max() <= 1e-6


@pytest.mark.parametrize("shift", [0.0, 0.5])
@pytest.mark.parametrize("dim", [8, 64])
def test_semantic_part_starts_with_the_spread_of_the_id_part(shift: float, dim: int) -> None:
    # the shift 0.5 gives vectors of similar directions, like those of text encoders
    semantic_IC, mask_I = ids_and_mask(shift=shift)
    id_ID = xavier(200, dim)
    fused_ID = ConcatLinear(semantic_IC, mask_I, dim=dim, seed=3)(id_ID)
    semantic_part_ID = (fused_ID - id_ID)[mask_I]
    assert 0.8 <= (semantic_part_ID.std() / id_ID.std()).item() <= 1.25


def test_another_spread_can_be_requested() -> None:
    semantic_IC, mask_I = ids_and_mask()
    fusion = ConcatLinear(semantic_IC, mask_I, dim=16, seed=0, id_std=0.1)
    part_ID = fusion(torch.zeros(200, 16))[mask_I]
    assert part_ID.std().item() == pytest.approx(0.1, rel=1e-4)


def test_items_without_text_keep_their_id_embedding_at_the_start() -> None:
    semantic_IC, mask_I = ids_and_mask()
    id_ID = xavier(200, 16)
    fused_ID = ConcatLinear(semantic_IC, mask_I, dim=16, seed=0)(id_ID)
    assert torch.allclose(fused_ID[~mask_I], id_ID[~mask_I], atol=1e-7)
    assert (fused_ID[mask_I] - id_ID[mask_I]).abs().amax(dim=1).min() > 0


def test_a_data_set_without_any_text_is_fused_to_plain_ids() -> None:
    id_ID = xavier(5, 4)
    fusion = ConcatLinear(torch.zeros(5, 3), torch.zeros(5, dtype=torch.bool), dim=4, seed=0)
    assert torch.allclose(fusion(id_ID), id_ID)


def test_a_constant_column_does_no_harm() -> None:
    semantic_IC, mask_I = ids_and_mask()
    semantic_IC[:, 0] = 0.25
    assert torch.isfinite(ConcatLinear(semantic_IC, mask_I, dim=4, seed=0)(xavier(200, 4))).all()


def test_gradients_reach_weights_and_ids_but_not_the_semantic_ids() -> None:
    semantic_IC, mask_I = ids_and_mask()
    semantic_IC.requires_grad_()
    fusion = ConcatLinear(semantic_IC.detach(), mask_I, dim=16, seed=0)
    id_ID = nn.Parameter(xavier(200, 16))
    fusion(id_ID).square().sum().backward()
    for parameter in (fusion.linear.weight, fusion.linear.bias, id_ID):
        assert parameter.grad is not None
        assert parameter.grad.abs().amax(dim=0).min() > 0
    assert not fusion.semantic_IC.requires_grad
    assert semantic_IC.grad is None


def test_the_parameter_group_contains_the_fusion_matrix_and_nothing_frozen() -> None:
    semantic_IC, mask_I = ids_and_mask()
    fusion = ConcatLinear(semantic_IC, mask_I, dim=16, seed=0)
    group = fusion.parameter_group(3e-4)
    assert group["lr"] == 3e-4
    assert [tuple(parameter.shape) for parameter in group["params"]] == [(16, 64), (16,)]
    before = fusion.semantic_IC.clone()
    optimizer = torch.optim.Adam([group])
    fusion(xavier(200, 16)).square().sum().backward()
    optimizer.step()
    assert torch.equal(fusion.semantic_IC, before)


def test_checkpoints_hold_no_semantic_ids() -> None:
    semantic_IC, mask_I = ids_and_mask()
    assert set(ConcatLinear(semantic_IC, mask_I, dim=16, seed=0).state_dict()) == {
        "linear.weight",
        "linear.bias",
    }


def test_the_initial_weights_depend_only_on_the_seed() -> None:
    semantic_IC, mask_I = ids_and_mask()
    first, second, other = (ConcatLinear(semantic_IC, mask_I, dim=16, seed=seed) for seed in (4, 4, 5))
    torch.rand(3)
    assert torch.equal(first.linear.weight, second.linear.weight)
    assert not torch.equal(first.linear.weight, other.linear.weight)
    # the expected standard deviation of a Xavier-uniform table: sqrt(2 / (200 + 16))
    assert (first(torch.zeros(200, 16))[mask_I]).std().item() == pytest.approx(math.sqrt(2 / 216), rel=1e-4)


def test_fusions_are_those_of_the_spec() -> None:
    assert set(FUSIONS) == FUSION_NAMES


def test_weighted_sum_equals_its_numpy_oracle() -> None:
    semantic_IC, mask_I = ids_and_mask()
    fusion = WeightedSum(semantic_IC, mask_I, dim=16, seed=0)
    with torch.no_grad():  # other than the special initial value
        fusion.balance.fill_(0.7)
        fusion.linear.bias += 0.3
    id_ID = xavier(200, 16)
    semantic, mask = semantic_IC.double().numpy(), mask_I.numpy()
    standard = np.zeros_like(semantic)
    standard[mask] = (semantic[mask] - semantic[mask].mean(0)) / semantic[mask].std(0)
    weight, bias = (value.detach().double().numpy() for value in (fusion.linear.weight, fusion.linear.bias))
    a = 1 / (1 + math.exp(-0.7))
    ids = id_ID.double().numpy()
    expected = np.where(mask[:, None], a * ids + (1 - a) * (standard @ weight.T + bias), ids)
    assert np.abs(fusion(id_ID).detach().double().numpy() - expected).max() <= 1e-6


@pytest.mark.parametrize("dim", [8, 64])
def test_weighted_sum_starts_with_halves_of_one_spread(dim: int) -> None:
    semantic_IC, mask_I = ids_and_mask(shift=0.5)
    id_ID = xavier(200, dim)
    fused_ID = WeightedSum(semantic_IC, mask_I, dim=dim, seed=3)(id_ID)
    semantic_part_ID = (fused_ID - 0.5 * id_ID)[mask_I]
    assert 0.8 <= (semantic_part_ID.std() / (0.5 * id_ID).std()).item() <= 1.25
    assert torch.equal(fused_ID[~mask_I], id_ID[~mask_I])


def test_gradients_of_weighted_sum_reach_all_but_the_semantic_ids() -> None:
    semantic_IC, mask_I = ids_and_mask()
    fusion = WeightedSum(semantic_IC, mask_I, dim=16, seed=0)
    id_ID = nn.Parameter(xavier(200, 16))
    fusion(id_ID).square().sum().backward()
    for parameter in (fusion.linear.weight, fusion.linear.bias, fusion.balance, id_ID):
        assert parameter.grad is not None
        assert parameter.grad.abs().max() > 0
    assert not fusion.semantic_IC.requires_grad
    assert set(fusion.state_dict()) == {"linear.weight", "linear.bias", "balance"}


def test_without_fusion_the_ego_table_has_the_bits_of_the_plain_backbone() -> None:
    semantic_IC, mask_I = ids_and_mask()
    plain = EgoTable(30, 200, 16, seed=5)
    fused = EgoTable(30, 200, 16, seed=5, fusion=WeightedSum(semantic_IC, mask_I, dim=16, seed=5))
    assert torch.equal(plain(), plain.node_VD)
    assert torch.equal(plain.node_VD, fused.node_VD)
    assert torch.equal(plain()[:30], fused()[:30])  # users have id embeddings only
