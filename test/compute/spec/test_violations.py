"""Every kind of wrong field: its path from the root, and a text that says got and expected."""

from __future__ import annotations

from typing import Any

import pytest

from lghrec_compute.errors import ConfigError
from lghrec_compute.spec import SPECS, parse
from lghrec_compute.spec.backbone import BACKBONES
from lghrec_compute.spec.metrics import METRICS, parse_metric

ID = "a" * 64
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
    "number for a text": ("export", {"model": ID, "format": 3}, "format", "valid string, got 3"),
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
    "unknown enum value": ("train", MF | {"device": "tpu"}, "device", "'auto', 'cpu' or 'cuda', got 'tpu'"),
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
    ("kind", "data", "path", "value", "known"),
    [
        ("train", MF | {"backbone": {"name": "ncl"}}, "backbone", "ncl", ", ".join(sorted(BACKBONES))),
        ("train", MF | {"policy": {"name": "ppo"}}, "policy", "ppo", "hgpo, native, random"),
        (
            "train",
            MF | {"fusion": {"method": "gated"}},
            "fusion.method",
            "gated",
            "concat_linear, weighted_sum",
        ),
        (
            "export",
            {"model": ID, "format": "pickle"},
            "format",
            "pickle",
            "npz, onnx, parquet, safetensors, topk, topk_jsonl, usearch",
        ),
    ],
)
def test_what_is_not_served_yet_is_refused_by_name(kind, data, path, value, known):
    found = violations(kind, data)
    assert list(found) == [path]
    assert found[path].startswith(f"not supported yet: got '{value}', expected one of {known} as ")


@pytest.mark.parametrize("name", METRICS)
def test_a_metric_name_splits_into_metric_and_cutoff(name: str):
    assert parse_metric(f"{name}@20") == (name, 20)


@pytest.mark.parametrize(
    "name", ["recall", "recall@", "recall@0", "Recall@20", "recall@20 ", "auc@20", "@20"]
)
def test_what_is_no_metric_name_is_refused(name: str):
    with pytest.raises(ValueError, match="no metric, got"):
        parse_metric(name)
