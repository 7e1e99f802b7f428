"""Which policies fit which backbones, and what a policy or a preset fills in."""

from __future__ import annotations

from typing import Any

import pytest

from lghrec_compute.errors import ConfigError
from lghrec_compute.spec import TrainSpec, parse, spec_to_dict
from lghrec_compute.spec.backbone import BACKBONES
from lghrec_compute.spec.policy import PAPER

ID = "a" * 64
CONTRAST = {
    **dict.fromkeys(BACKBONES, "backbone"),
    "lightgcn": "structural",  # has no contrast of its own
}


def spec_of(backbone: Any, policy: Any = None, **fields: Any) -> TrainSpec:
    if isinstance(backbone, str):
        backbone = {"name": backbone}
    given = {"policy": policy} if policy else {}
    return parse(TrainSpec, {"dataset": ID, "backbone": backbone, **given, **fields})


def path_of(*args: Any, **fields: Any) -> str:
    with pytest.raises(ConfigError) as caught:
        spec_of(*args, **fields)
    (violation,) = caught.value.violations
    return violation.path


@pytest.mark.parametrize("name", sorted(set(BACKBONES) - {"mf"}))
def test_a_policy_acts_on_the_contrast_that_fits_the_backbone(name):
    policy = spec_of(name, {"name": "random"}).policy
    assert policy.name == "random"
    assert policy.contrast == CONTRAST[name]


def test_a_backbone_without_contrast_and_layers_takes_no_policy():
    assert path_of("mf", {"name": "random"}) == "policy"
    assert path_of("lightgcn", {"name": "random", "contrast": "backbone"}) == "policy.contrast"
    assert path_of("lightccf", {"name": "hgpo", "contrast": "both"}) == "policy.contrast"


@pytest.mark.parametrize(
    ("options", "path"),
    [
        ({"num_negatives": 9, "pool_size": 8}, "num_negatives"),
        ({"easy_threshold": 0.6}, "hard_threshold"),
        ({"hard_threshold": 0.99, "false_negative_threshold": 0.98}, "hard_threshold"),
        ({"easy_threshold": -0.1}, "easy_threshold"),
        ({"temperature_min": 1.0}, "temperature_min"),
        ({"learn_negatives": False, "learn_temperature": False}, "learn_negatives"),
        ({"learn_negatives": False, "weighting": "soft"}, "weighting"),
        ({"hard_weight": -1}, "hard_weight"),
        ({"clip_range": 1.0}, "clip_range"),
        ({"update_epochs": 0}, "update_epochs"),
        ({"preset": "best"}, "preset"),
    ],
)
def test_what_does_not_go_together_is_refused_with_its_path(options, path):
    assert path_of("sgl", {"name": "hgpo", **options}) == f"policy.{path}"


def test_the_paper_preset_is_the_published_setting_and_what_is_given_wins():
    policy = spec_to_dict(spec_of({"name": "sgl"}, {"name": "hgpo", "preset": "paper"}))["policy"]
    assert {name: policy[name] for name in PAPER} == PAPER
    changed = spec_to_dict(spec_of("sgl", {"name": "hgpo", "preset": "paper", "hard_threshold": 0.4}))[
        "policy"
    ]
    assert changed == policy | {"hard_threshold": 0.4}


def test_absolute_thresholds_bring_the_published_levels():
    policy = spec_to_dict(spec_of("sgl", {"name": "hgpo", "thresholds": "absolute"}))["policy"]
    names = ("easy_threshold", "hard_threshold", "false_negative_threshold")
    assert tuple(policy[name] for name in names) == (0.2, 0.5, 0.8)


@pytest.mark.parametrize("recipe", ["backbone_paper", "lghrec_paper"])
@pytest.mark.parametrize("name", sorted(BACKBONES))
def test_a_recipe_is_valid_and_parses_to_itself(name, recipe):
    spec = spec_of(name, recipe=recipe)
    assert parse(TrainSpec, spec_to_dict(spec)) == spec


def test_a_preset_only_fills_in_what_is_left_out():
    own = spec_of({"name": "sccf", "temperature": 0.4}, recipe="backbone_paper", batch_size=64)
    assert own.optimizer.name == "sgd"
    assert own.batch_size == 64
    assert own.backbone.name == "sccf"
    assert own.backbone.temperature == 0.4
    common = spec_of("lightgcl", recipe="lghrec_paper")
    assert common.backbone.name == "lightgcl"
    assert (common.batch_size, common.backbone.layers, common.optimizer.learning_rate) == (4096, 3, 1e-3)


def test_decay_is_refused_where_the_optimizer_has_none():
    assert path_of("mf", optimizer={"weight_decay": 0.1}) == "optimizer.weight_decay"
