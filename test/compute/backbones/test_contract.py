"""What holds for every backbone, with and without semantic ids, for its own negatives and for random ones.

A new backbone adds a line to `SPECS`.
"""

from __future__ import annotations

import pytest
import torch
from jobs import Around, assert_same_bits, make_job, tensors_of, train_spec

from lghrec_compute.backbones import BACKBONES
from lghrec_compute.errors import RunCancelled
from lghrec_compute.spec.backbone import has_contrast, has_layers
from lghrec_compute.spec.policy import POLICIES
from lghrec_compute.training import fit
from lghrec_compute.training.step import train_step

SPECS = {
    "mf": {"name": "mf"},
    "lightgcn": {"name": "lightgcn", "layers": 2},
    "lightccf": {"name": "lightccf", "layers": 2},
    "lightccf-mf": {"name": "lightccf", "encoder": "mf"},
    "lightccf-sum": {"name": "lightccf", "layers": 2, "form": "sum"},
    "sgl": {"name": "sgl", "layers": 2},
    "sgl-node-batch": {"name": "sgl", "layers": 2, "dropout": "node", "pool": "batch"},
    "sgl-walk": {"name": "sgl", "layers": 2, "dropout": "random_walk"},
    "simgcl": {"name": "simgcl", "layers": 2, "contrast_weight": 0.1},
    "simgcl-keep": {"name": "simgcl", "layers": 2, "contrast_weight": 0.1, "keep_layer_zero": True},
    "lightgcl": {"name": "lightgcl", "contrast_weight": 0.05},
    "lightgcl-dropout": {"name": "lightgcl", "contrast_weight": 0.05, "edge_dropout": 0.2},
    "cikg": {"name": "cikg", "layers": 2, "mask_epochs": 2},
    "cikg-cf": {"name": "cikg", "layers": 2, "cf_view": "cf"},
    "sccf": {"name": "sccf", "layers": 2, "encoder": "lightgcn"},
    "sccf-mf": {"name": "sccf", "temperature": 0.5},
    "vgcl": {"name": "vgcl", "contrast_weight": 0.05},
    "nescl": {"name": "nescl"},
    "nescl-out": {"name": "nescl", "several": "out", "dropout": "edge", "neighbor_sampling": "similarity"},
    "autograph": {"name": "autograph", "codes": 4},
    "autograph-bpr": {"name": "autograph", "ranking_loss": "bpr", "codebooks": 2, "heads": 3, "dropout": 0.0},
}


def fields_of(policy, backbone):
    """Of a policy that chooses: every contrast there is, pools of 12 out of 40; None without a contrast."""
    if policy == "native":
        return {}
    spec = train_spec(backbone).backbone
    contrast = {(True, True): "both", (True, False): "native", (False, True): "structural"}
    kind = contrast.get((has_contrast(spec), has_layers(spec)))
    return kind and {"policy": {"name": policy, "contrast": kind, "pool_size": 12}}


every = pytest.mark.parametrize("backbone", SPECS.values(), ids=SPECS.keys())
ROWS = {
    f"{name}-{ids}-{policy}": (backbone, ids == "semantic", fields)
    for name, backbone in SPECS.items()
    for ids in ("ids", "semantic")
    for policy in sorted(POLICIES & {"native", "random"})
    if (fields := fields_of(policy, backbone)) is not None
}
every_way = pytest.mark.parametrize(("backbone", "fused", "policy"), ROWS.values(), ids=ROWS.keys())


def test_every_registered_backbone_is_held_to_the_contract():
    assert {spec["name"] for spec in SPECS.values()} == set(BACKBONES)


@every_way
def test_backbone_learns_the_checkerboard(backbone, fused, policy, tmp_path):
    spec = train_spec(backbone, early_stop={"metric": "recall@2", "patience": 10}, **policy)
    summary = fit(make_job(spec, fused=fused), Around(tmp_path, spec).surroundings)
    assert summary.metrics["recall@2"] >= 0.95  # by chance 2 of 22 candidates: .09


@every_way
def test_same_seed_gives_the_same_bits(backbone, fused, policy, tmp_path):
    spec = train_spec(backbone, epochs=3, **policy)
    results = []
    for attempt in ("first", "second"):
        job, around = make_job(spec, fused=fused), Around(tmp_path / attempt, spec)
        fit(job, around.surroundings)
        results.append((tensors_of(job), around.metrics("loss/total"), around.metrics("valid/ndcg@20")))
    assert_same_bits(results[0][0], results[1][0])
    assert results[0][1:] == results[1][1:]
    assert results[0][1].keys() == {1, 2, 3}


@every
def test_another_seed_gives_other_bits(backbone, tmp_path):
    tables = []
    for seed in (0, 1):
        spec = train_spec(backbone, epochs=1, seed=seed)
        job = make_job(spec)
        fit(job, Around(tmp_path / str(seed), spec).surroundings)
        tables.append(tensors_of(job)["ego.node_VD"])
    assert not torch.equal(*tables)


@every_way
def test_gradient_reaches_every_parameter(backbone, fused, policy):
    job = make_job(train_spec(backbone, batch_size=10_000, **policy), fused=fused)
    train_step(job, next(job.sampler.batches(1)))
    for name, parameter in job.backbone.named_parameters():
        assert parameter.grad is not None, name
        assert torch.isfinite(parameter.grad).all(), name
        assert (parameter.grad != 0).any(dim=-1).all(), name  # every row of a table


@every_way
def test_run_broken_off_in_mid_epoch_goes_on_to_the_same_bits(backbone, fused, policy, tmp_path):
    spec = train_spec(backbone, epochs=4, **policy)
    whole, whole_around = make_job(spec, fused=fused), Around(tmp_path / "whole", spec)
    unbroken = fit(whole, whole_around.surroundings)
    assert whole.sampler.num_steps > 5

    broken = Around(tmp_path / "broken", spec, stop_after=whole.sampler.num_steps + 3)
    with pytest.raises(RunCancelled):
        fit(make_job(spec, fused=fused), broken.surroundings)
    job, around = make_job(spec, fused=fused), Around(tmp_path / "broken", spec)
    torch.manual_seed(99)  # the resumed run must not depend on what the process drew before
    resumed = fit(job, around.surroundings)

    assert_same_bits(tensors_of(whole), tensors_of(job))
    assert (resumed.best_epoch, resumed.metrics) == (unbroken.best_epoch, unbroken.metrics)
    for name in ("loss/total", "loss/ranking", "valid/ndcg@20"):
        told = broken.metrics(name) | around.metrics(name)
        assert told == whole_around.metrics(name)


@every
def test_embeddings_are_the_same_each_time_and_carry_no_gradient(backbone):
    job = make_job(train_spec(backbone))
    users_UD, items_ID = job.backbone.embeddings()
    assert (users_UD.shape, items_ID.shape) == ((40, 16), (40, 16))
    assert not users_UD.requires_grad
    again_UD, _ = job.backbone.embeddings()
    assert torch.equal(users_UD, again_UD)


@every
def test_fusion_leaves_the_start_of_the_id_table_alone(backbone):
    plain, fused = (make_job(train_spec(backbone), fused=fused) for fused in (False, True))
    assert torch.equal(tensors_of(plain)["ego.node_VD"], tensors_of(fused)["ego.node_VD"])
