"""The shortcut for semantic ids on large graphs gives the same losses and gradients as the full
computation."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from lghrec_compute.backbones import EgoTable, Inputs, base, build_backbone
from lghrec_compute.dseg.fuse import FUSIONS
from lghrec_compute.graph import build_graph
from lghrec_compute.policy import Selection
from lghrec_compute.spec.backbone import LightCcfBackbone, LightGcnBackbone, MfBackbone, SimGclBackbone
from lghrec_compute.training.step import loss_parts

USERS, ITEMS, DIM, COLUMNS = 6, 40, 4, 9
CASES = [
    MfBackbone(),
    LightGcnBackbone(layers=2),
    LightCcfBackbone(encoder="mf"),
    LightCcfBackbone(encoder="lightgcn", layers=3, form="sum"),
]
BATCH = torch.tensor([(0, 0, 9), (2, 4, 6), (0, 3, 5)]).T  # user 0 twice; 40 items against 9 rows


def make(spec, *, method="concat_linear"):
    random = np.random.default_rng(0)
    pairs = np.unique(random.integers(0, [USERS, ITEMS], (90, 2)), axis=0)
    graph = build_graph(*pairs.T, USERS, ITEMS, dtype=torch.float64)
    semantic_IC = torch.from_numpy(random.normal(size=(ITEMS, COLUMNS)))
    mask_I = torch.arange(ITEMS) % 7 > 0
    fusion = FUSIONS[method](semantic_IC, mask_I, dim=DIM, seed=1)
    backbone = build_backbone(
        spec, Inputs(graph, EgoTable(USERS, ITEMS, DIM, seed=2, fusion=fusion))
    ).double()
    with torch.no_grad():  # a bias other than 0, as after training
        fusion.linear.bias.uniform_(-1, 1, generator=torch.Generator().manual_seed(3))
    return backbone


def outcome(backbone):
    step = backbone.step(*BATCH)
    parts = loss_parts(step, [Selection() for _ in step.contrasts], embedding_l2=0.1)
    torch.stack(list(parts.values())).sum().backward()
    return parts, {name: one.grad.clone() for name, one in backbone.named_parameters()}


@pytest.mark.parametrize("spec", CASES, ids=str)
def test_losses_and_gradients_equal_the_plain_way(spec, monkeypatch):
    split = make(spec)
    parts, gradients = outcome(split)
    assert split._split is not None
    monkeypatch.setattr(base, "_ITEMS_PER_ROW", 10**9)
    plain = make(spec)
    expected_parts, expected_gradients = outcome(plain)
    assert plain._split is None
    torch.testing.assert_close(parts, expected_parts, rtol=1e-10, atol=1e-12)
    torch.testing.assert_close(gradients, expected_gradients, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(
    ("spec", "method"), [(SimGclBackbone(), "concat_linear"), (MfBackbone(), "weighted_sum")], ids=str
)
def test_it_is_left_out_where_it_is_not_exact_or_not_written(spec, method):
    backbone = make(spec, method=method)
    backbone.step(*BATCH)
    assert backbone._split is None


def test_a_batch_of_many_rows_takes_the_plain_way():
    backbone = make(MfBackbone())
    many_B = torch.arange(7) % 5
    backbone.step(many_B, many_B, many_B + 1)  # 21 rows: 40 items are less than twice as many
    assert backbone._split is None


def test_checkpoints_do_not_hold_what_is_computed_from_the_semantic_ids():
    backbone = make(LightGcnBackbone(layers=2))
    before = set(backbone.state_dict())
    backbone.step(*BATCH)
    assert set(backbone.state_dict()) == before
