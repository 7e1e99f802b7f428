"""Every kind of wrong field: its path from the root, and a text that says got and expected."""

from __future__ import annotations

import re
from typing import Any

import pytest

from lghrec_compute.errors import ConfigError
from lghrec_compute.spec import SPECS, parse
from lghrec_compute.spec.metrics import METRICS, parse_metric

ID = "a" * 64
RUN = "00000000-0000-0000-0000-000000000000"
SOURCE = {"source": {"path": "ratings"}}
LIGHTCCF = {"dataset": ID, "backbone": {"name": "lightccf"}}
ENTRY = {"name": "model", "model": ID}
MF = {"dataset": ID, "backbone": {"name": "mf"}}


def violations(kind: str, data: dict[str, Any]) -> dict[str, str]:
    with pytest.raises(ConfigError) as caught:
        parse(SPECS[kind], data)
    return {violation.path: violation.description for violation in caught.value.violations}


WRONG = {
    "missing field": ("train", {"backbone": {"name": "mf"}}, "dataset", "required, but not given"),
    "unknown field": ("train", MF | {"sede": 1}, "sede", "unknown field, did you mean seed?"),
    "unknown field far from all": ("train", MF | {"zzz": 1}, "zzz", "unknown field"),
    "unknown nested field": ("train", MF | {"optimizer": {"lr": 1}}, "optimizer.lr", "unknown field"),
    "option of another backbone": (
        "train",
        {"dataset": ID, "backbone": {"name": "mf", "layers": 2}},
        "backbone.layers",
        "unknown field",
    ),
    "no artifact id": ("train", MF | {"dataset": "x"}, "dataset", "string should match pattern"),
    "text for a number": ("train", MF | {"epochs": "many"}, "epochs", "got 'many'"),
    "fraction for a whole number": ("train", MF | {"epochs": 1.5}, "epochs", "got 1.5"),
    "number for a text": ("export", {"model": ID, "format": 3}, "format", "usearch, got 3"),
    "scalar for a record": ("train", MF | {"optimizer": 3}, "optimizer", "got 3"),
    "nothing for a record": ("train", MF | {"optimizer": None}, "optimizer", "got None"),
    "below the range": ("train", MF | {"epochs": 0}, "epochs", "greater than or equal to 1, got 0"),
    "above the range": (
        "train",
        {"dataset": ID, "backbone": {"name": "lightgcn", "layers": 9}},
        "backbone.layers",
        "less than or equal to 8, got 9",
    ),
    "on an open bound": (
        "train",
        MF | {"optimizer": {"learning_rate": 0}},
        "optimizer.learning_rate",
        "greater than 0, got 0",
    ),
    "not a number": (
        "train",
        MF | {"optimizer": {"learning_rate": float("nan")}},
        "optimizer.learning_rate",
        "finite number, got nan",
    ),
    "unknown enum value": ("train", MF | {"device": "tpu"}, "device", "auto, cpu, cuda, got 'tpu'"),
    "unknown mask": ("evaluate", {"model": ID, "mask": "none"}, "mask", "got 'none'"),
    "unknown metric": (
        "train",
        MF | {"early_stop": {"metric": "ndgc@20"}},
        "early_stop.metric",
        "no metric, got 'ndgc@20'",
    ),
    "no backbone name": (
        "train",
        {"dataset": ID, "backbone": {}},
        "backbone.name",
        "required, but not given",
    ),
    "option of a policy": (
        "train",
        LIGHTCCF | {"policy": {"name": "hgpo", "clip_range": -1}},
        "policy.clip_range",
        "greater than 0, got -1",
    ),
    "misspelt option of a policy": (
        "train",
        LIGHTCCF | {"policy": {"name": "hgpo", "clip_rage": 0.1}},
        "policy.clip_rage",
        "unknown field, did you mean clip_range?",
    ),
    "option with the name of its backbone": (
        "train",
        {"dataset": ID, "backbone": {"name": "mf", "mf": 1}},
        "backbone.mf",
        "unknown field",
    ),
    "option of an optional record": (
        "preprocess",
        SOURCE | {"semantic": {"generation": {"max_in_flight": 0}}},
        "semantic.generation.max_in_flight",
        "got 0",
    ),
    "element of a list in an entry whose name is a field": (
        "compare",
        {"entries": [{"name": "a", "reports": [ID]}, {"name": "reports", "reports": [ID, "x"]}]},
        "entries.1.reports.1",
        "string should match pattern",
    ),
    "field of an entry in a list in a list": (
        "report",
        {"entries": [ENTRY], "sweeps": [{"field": "seed", "entries": [ENTRY, ENTRY | {"model": "x"}]}]},
        "sweeps.0.entries.1.model",
        "string should match pattern",
    ),
    "empty list": ("evaluate", {"model": ID, "cutoffs": []}, "cutoffs", "at least 1 item"),
    "long list": ("evaluate", {"model": ID, "cutoffs": list(range(1, 18))}, "cutoffs", "at most 16 items"),
    "wrong list item": ("evaluate", {"model": ID, "cutoffs": [10, 0]}, "cutoffs.1", "or equal to 1, got 0"),
}


@pytest.mark.parametrize("name", list(WRONG))
def test_a_wrong_field_is_named_with_its_path(name: str):
    kind, data, path, description = WRONG[name]
    found = violations(kind, data)
    assert list(found) == [path]
    assert description in found[path]


def test_all_wrong_fields_come_back_at_once():
    found = violations("train", MF | {"epoch": 3, "seed": -1, "optimizer": {"learning_rate": 0}})
    assert set(found) == {"epoch", "seed", "optimizer.learning_rate"}


def test_the_message_names_every_field_and_there_is_a_hint():
    with pytest.raises(ConfigError, match=r"seed: .*; epoch: unknown field, did you mean epochs\?") as caught:
        parse(SPECS["train"], MF | {"seed": -1, "epoch": 3})
    assert caught.value.hint
    assert isinstance(caught.value, ValueError)
    assert caught.value.failure_kind == "user"


@pytest.mark.parametrize(
    ("kind", "data", "path", "got"),
    [
        (
            "train",
            MF | {"backbone": {"name": "ncl"}},
            "backbone.name",
            "mf, lightgcn, .*, autograph, got 'ncl'",
        ),
        ("train", MF | {"policy": {"name": "ppo"}}, "policy.name", "native, random, hgpo, got 'ppo'"),
        ("train", MF | {"fusion": {"method": "x"}}, "fusion.method", "concat_linear, weighted_sum, got 'x'"),
        ("export", {"model": ID, "format": "pickle"}, "format", "safetensors, .*, usearch, got 'pickle'"),
    ],
)
def test_an_unknown_value_is_refused_with_those_that_are_known(kind, data, path, got):
    found = violations(kind, data)
    assert list(found) == [path]
    assert re.fullmatch(f"expected one of {got}", found[path])


@pytest.mark.parametrize(
    ("kind", "data", "got"),
    [
        ("evaluate", {}, "model, predictions, got none"),
        ("export", {"format": "npz"}, "model, run, got none"),
        ("export", {"format": "npz", "model": ID, "run": RUN}, "model, run, got model and run"),
    ],
)
def test_exactly_one_of_some_fields_is_given(kind, data, got):
    assert violations(kind, data) == {"": f"give exactly one of {got}"}


@pytest.mark.parametrize("name", METRICS)
def test_a_metric_name_splits_into_metric_and_cutoff(name: str):
    assert parse_metric(f"{name}@20") == (name, 20)


@pytest.mark.parametrize(
    "name", ["recall", "recall@", "recall@0", "Recall@20", "recall@20 ", "auc@20", "@20"]
)
def test_what_is_no_metric_name_is_refused(name: str):
    with pytest.raises(ValueError, match="no metric, got"):
        parse_metric(name)
