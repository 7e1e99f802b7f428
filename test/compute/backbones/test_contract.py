"""The contract of every backbone: with and without semantic ids, with its own negatives and with random ones.

A new backbone is held to it with its default options. `CHOSEN` has options that learn faster, and variants.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest
import torch
from checkerboard import checkerboard
from training_setups import Recorder, assert_same_bits, make_setup, tensors_of, train_spec

from lghrec_compute.backbones import BACKBONES
from lghrec_compute.data.dataset import Part
from lghrec_compute.errors import RunCancelled
from lghrec_compute.spec import TrainSpec
from lghrec_compute.spec.policy import POLICIES
from lghrec_compute.training import fit
from lghrec_compute.training.fit import Summary
from lghrec_compute.training.step import loss_parts, select, train_step

CHOSEN = {
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
    "nescl-out": {
        "name": "nescl",
        "positive_reduction": "mean_log",
        "dropout": "edge",
        "neighbor_sampling": "similarity",
    },
    "autograph": {"name": "autograph", "codes": 4},
    "autograph-bpr": {"name": "autograph", "ranking_loss": "bpr", "codebooks": 2, "heads": 3, "dropout": 0.0},
}
SPECS = {name: {"name": name} for name in BACKBONES} | CHOSEN


def fields_of(policy, backbone):
    """Return the policy with every contrast of the backbone and pools of 12 out of 40; None without a
    contrast."""
    if policy == "native":
        return {}
    spec = train_spec(backbone).backbone
    contrast = {(True, True): "both", (True, False): "backbone", (False, True): "structural"}
    kind = contrast.get((spec.has_contrast, spec.has_graph_layers))
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

# Each backbone trains in all its ways, a further variant of it in one way; the full run adds the others.
VARIANTS = {name for name, spec in SPECS.items() if name != spec["name"]}
# Without a policy, these backbones improve slowly: they need up to 30 epochs, the others less than 10.
SLOW = ("lightccf", "sgl", "simgcl-keep")


def trained_row(name, row):
    """Return the parameter of the fixture `trained`."""
    is_repeated = name.rsplit("-", 2)[0] in VARIANTS and not name.endswith("-semantic-random")
    patience = 10 if name.startswith(SLOW) and name.endswith("-native") else 5
    return pytest.param((*row, patience), id=name, marks=[pytest.mark.full] if is_repeated else [])


@dataclass(frozen=True)
class Trained:
    """A finished run, with everything that is needed to repeat it."""

    spec: TrainSpec
    fused: bool
    summary: Summary
    recorder: Recorder
    tensors: dict[str, torch.Tensor]
    num_steps: int


@pytest.fixture(scope="module")
def trained(request, tmp_path_factory) -> Trained:
    """Train once per row. The tests that only read the result share it."""
    backbone, fused, policy, patience = request.param
    spec = train_spec(backbone, early_stop={"metric": "recall@2", "patience": patience}, **policy)
    setup, recorder = make_setup(spec, fused=fused), Recorder(tmp_path_factory.mktemp("trained"), spec)
    summary = fit(setup, recorder.hooks)
    return Trained(spec, fused, summary, recorder, tensors_of(setup), setup.sampler.num_steps)


every_trained = pytest.mark.parametrize(
    "trained", [trained_row(name, row) for name, row in ROWS.items()], indirect=True
)


def with_cold_nodes():
    """Return the checkerboard without train interactions of user 0 and item 39, and their node ids."""
    board = checkerboard()
    user_E, item_E = board.train.user_E, board.train.item_E
    kept_E = (user_E != 0) & (item_E != 39)
    return replace(board, train=Part(user_E[kept_E], item_E[kept_E])), [0, 40 + 39]


@every_trained
def test_backbone_learns_the_checkerboard(trained):
    assert trained.summary.metrics["recall@2"] >= 0.95  # a random ranking of 22 candidates has 0.09


# without the backbones that connect nodes by more than interactions: knowledge, interests, codes
WARM_ROWS = {name: row for name, row in ROWS.items() if not name.startswith(("cikg", "autograph"))}


@pytest.mark.parametrize(("backbone", "fused", "policy"), WARM_ROWS.values(), ids=WARM_ROWS.keys())
def test_no_loss_moves_a_node_without_a_train_interaction(backbone, fused, policy):
    dataset, cold = with_cold_nodes()
    setup = make_setup(train_spec(backbone, **policy), fused=fused, dataset=dataset)
    for index, batch in enumerate(setup.sampler.batches(1)):
        step = setup.backbone.step(*batch, setup.step_request(1, index))
        selections = select(setup.policy, step, acts_on_backbone_contrasts=setup.acts_on_backbone_contrasts)
        torch.stack(list(loss_parts(step, selections, embedding_l2=0.0).values())).sum().backward()
    size_V = setup.backbone.ego.node_VD.grad.norm(dim=1)
    # there LightGCL's singular vectors are zero up to rounding
    assert (size_V < 1e-5 * size_V.mean()).nonzero()[:, 0].tolist() == cold


def test_autograph_draws_no_cold_item():
    dataset, (_, cold_item) = with_cold_nodes()
    backbone = make_setup(train_spec({"name": "autograph"}), dataset=dataset).backbone
    positive_B = torch.tensor([40, 57, 78]).repeat(200)
    drawn_BM = backbone._sampled_items(positive_B)
    assert set(drawn_BM.unique().tolist()) == set(range(40, 80)) - {cold_item}
    assert not (drawn_BM == positive_B[:, None]).any()


@every
def test_another_seed_gives_other_bits(backbone, tmp_path):
    tables = []
    for seed in (0, 1):
        spec = train_spec(backbone, epochs=1, seed=seed)
        setup = make_setup(spec)
        fit(setup, Recorder(tmp_path / str(seed), spec).hooks)
        tables.append(tensors_of(setup)["ego.node_VD"])
    assert not torch.equal(*tables)


@every_way
def test_gradient_reaches_every_parameter(backbone, fused, policy):
    setup = make_setup(train_spec(backbone, batch_size=10_000, **policy), fused=fused)
    train_step(setup, next(setup.sampler.batches(1)))
    for name, parameter in setup.backbone.named_parameters():
        assert parameter.grad is not None, name
        assert torch.isfinite(parameter.grad).all(), name
        assert (parameter.grad != 0).any(dim=-1).all(), name  # every row of a table


@every_trained
def test_same_seed_gives_the_same_bits_also_to_a_run_that_is_interrupted_in_mid_epoch(trained, tmp_path):
    spec, fused = trained.spec, trained.fused
    assert trained.num_steps > 5
    interrupted = Recorder(tmp_path, spec, stop_after=trained.num_steps + 3)
    with pytest.raises(RunCancelled):
        fit(make_setup(spec, fused=fused), interrupted.hooks)
    setup, resumed = make_setup(spec, fused=fused), Recorder(tmp_path, spec)
    torch.manual_seed(99)  # the resumed run must not depend on earlier random numbers of the process
    summary = fit(setup, resumed.hooks)

    assert_same_bits(tensors_of(setup), trained.tensors)
    assert (summary.best_epoch, summary.metrics) == (trained.summary.best_epoch, trained.summary.metrics)
    for name in ("loss/total", "loss/ranking", "valid/ndcg@20"):
        values = interrupted.metrics(name) | resumed.metrics(name)
        assert values == trained.recorder.metrics(name)
    assert len(resumed.metrics("loss/total")) >= 3


@every
def test_embeddings_are_the_same_each_time_and_carry_no_gradient(backbone):
    setup = make_setup(train_spec(backbone))
    users_UD, items_ID = setup.backbone.embeddings()
    assert (users_UD.shape, items_ID.shape) == ((40, 16), (40, 16))
    assert not users_UD.requires_grad
    again_UD, _ = setup.backbone.embeddings()
    assert torch.equal(users_UD, again_UD)


@every
def test_fusion_leaves_the_start_of_the_id_table_alone(backbone):
    plain, fused = (make_setup(train_spec(backbone), fused=fused) for fused in (False, True))
    assert torch.equal(tensors_of(plain)["ego.node_VD"], tensors_of(fused)["ego.node_VD"])
