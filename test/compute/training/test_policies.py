"""Properties of HGPO on every backbone: the published loss as a limit, no gradient, and exact resuming."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from training_setups import Recorder, assert_same_bits, make_setup, tensors_of, train_spec

from lghrec_compute.backbones import BACKBONES
from lghrec_compute.errors import RunCancelled
from lghrec_compute.policy import Selection
from lghrec_compute.training import fit
from lghrec_compute.training.step import loss_parts, select, train_step

OPTIONS = {
    "lightccf": {"encoder": "lightgcn", "layers": 2},
    "sccf": {"encoder": "lightgcn", "layers": 2},
    "simgcl": {"contrast_weight": 0.1},
    "autograph": {"codes": 4},
}
SPECS = [{"name": name, **OPTIONS.get(name, {})} for name in sorted(set(BACKBONES) - {"mf"})]
every = pytest.mark.parametrize("backbone", SPECS, ids=[spec["name"] for spec in SPECS])
contrasting = pytest.mark.parametrize(
    "backbone", [spec for spec in SPECS if spec["name"] != "lightgcn"], ids=lambda spec: spec["name"]
)


def hgpo_spec(backbone, *, epochs=3, **policy):
    spec = train_spec(backbone).backbone
    kind = "structural" if not spec.has_contrast else "both" if spec.has_graph_layers else "backbone"
    fields = {"name": "hgpo", "contrast": kind, "pool_size": 20, "num_negatives": 8, **policy}
    return train_spec(backbone, epochs=epochs, policy=fields)


@contrasting
def test_all_candidates_at_the_backbones_own_temperature_are_its_published_loss(backbone):
    policy = {"contrast": "backbone", "pool_sampling": "batch", "learn_temperature": False}
    setup = make_setup(hgpo_spec(backbone, **policy, pool_size=1000, num_negatives=1000))
    step = setup.backbone.step(*next(setup.sampler.batches(1)))
    chosen = loss_parts(step, select(setup.policy, step, acts_on_backbone_contrasts=True), embedding_l2=1e-4)
    native = loss_parts(step, [Selection() for _ in step.contrasts], embedding_l2=1e-4)
    assert chosen["loss/contrast"].item() == pytest.approx(native["loss/contrast"].item(), rel=1e-6)


@contrasting
def test_cosines_of_the_policy_do_not_change_the_loss(backbone):
    setup = make_setup(hgpo_spec(backbone, policy_anchors=4))
    step = setup.backbone.step(*next(setup.sampler.batches(1)), setup.step_request(1, 0))
    selections = select(setup.policy, step, acts_on_backbone_contrasts=setup.acts_on_backbone_contrasts)
    alone = [replace(selection, cosine_BN=None) for selection in selections]
    tasks = (*step.contrasts, *step.structural)
    chooses = [selection.transition is not None for selection in selections]
    given = [selection.cosine_BN is not None for selection in selections]
    assert given == [task.takes_cosines and acts for task, acts in zip(tasks, chooses, strict=True)]
    assert any(given)
    losses, gradients = zip(
        *(loss_and_gradients(setup, step, one) for one in (alone, selections)), strict=True
    )
    assert losses[1] == pytest.approx(losses[0], rel=1e-6)
    for name, gradient in gradients[0].items():
        torch.testing.assert_close(gradients[1][name], gradient, rtol=1e-4, atol=1e-7)
    assert not any(selection.cosine_BN is not None for selection in selections)


def loss_and_gradients(setup, step, selections):
    total = torch.stack(list(loss_parts(step, selections, embedding_l2=1e-4).values())).sum()
    weights = {name: one for name, one in setup.backbone.named_parameters() if one.requires_grad}
    found = torch.autograd.grad(total, list(weights.values()), retain_graph=True, allow_unused=True)
    return total.item(), {name: one for name, one in zip(weights, found, strict=True) if one is not None}


@every
def test_neither_side_sends_a_gradient_to_the_other(backbone):
    setup = make_setup(hgpo_spec(backbone))
    step = setup.backbone.step(*next(setup.sampler.batches(1)), setup.step_request(1, 0))
    selections = select(setup.policy, step, acts_on_backbone_contrasts=setup.acts_on_backbone_contrasts)
    before = {name: value.clone() for name, value in setup.policy.state_dict().items()}
    torch.stack(list(loss_parts(step, selections, embedding_l2=1e-4).values())).sum().backward()
    gradients = {
        name: one.grad.clone() for name, one in setup.backbone.named_parameters() if one.grad is not None
    }
    network = {name: value for name, value in before.items() if name.startswith("network/")}
    assert all(torch.equal(setup.policy.state_dict()[name], value) for name, value in network.items())

    setup.policy.learn(selections)
    moved = setup.policy.state_dict()
    assert not all(torch.equal(moved[name], value) for name, value in network.items())
    for name, parameter in setup.backbone.named_parameters():
        if name in gradients:
            assert torch.equal(parameter.grad, gradients[name]), name


@every
def test_run_interrupted_within_an_epoch_resumes_with_the_same_bits_of_the_policy_too(backbone, tmp_path):
    spec = hgpo_spec(backbone)
    whole = make_setup(spec)
    unbroken = fit(whole, Recorder(tmp_path / "whole", spec).hooks)
    broken = Recorder(tmp_path / "broken", spec, stop_after=whole.sampler.num_steps + 3)
    with pytest.raises(RunCancelled):
        fit(make_setup(spec), broken.hooks)
    setup = make_setup(spec)
    torch.manual_seed(99)  # the resumed run must not depend on earlier random numbers of the process
    resumed = fit(setup, Recorder(tmp_path / "broken", spec).hooks)

    assert_same_bits(tensors_of(whole), tensors_of(setup))
    assert_same_bits(whole.policy.state_dict(), setup.policy.state_dict())
    assert resumed.history == unbroken.history


def test_the_history_tells_what_the_policy_did(tmp_path):
    spec = hgpo_spec({"name": "simgcl"}, epochs=2)
    summary = fit(make_setup(spec), Recorder(tmp_path, spec).hooks)
    assert [epoch["epoch"] for epoch in summary.history] == [1, 2]
    diagnostics = summary.history[1]["policy"]
    assert {"scalars", "groups", "negatives", "cosine"} <= diagnostics.keys()
    assert sum(diagnostics["negatives"]["chosen"].values()) == pytest.approx(1)


def test_a_step_reports_the_policy_in_addition_to_the_losses():
    setup = make_setup(hgpo_spec({"name": "simgcl"}))
    report = train_step(setup, next(setup.sampler.batches(1)), 1, 0)
    assert {"loss/contrast", "loss/structural", "policy/reward", "policy/clip_fraction"} <= report.keys()
    assert all(torch.isfinite(value) for value in report.values())
