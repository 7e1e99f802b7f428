"""A resolved spec resolves to itself, and its digest depends on its values only."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from pydantic import ValidationError

from lghrec_compute.spec import (
    SPECS,
    EvaluateSpec,
    TrainSpec,
    parse,
    spec_digest,
    spec_to_dict,
)

ID = "a" * 64
TRAIN = {"dataset": ID, "backbone": {"name": "lightccf"}}


def test_cutoffs_are_sorted_and_each_taken_once():
    assert parse(EvaluateSpec, {"model": ID, "cutoffs": [20, 5, 20]}).cutoffs == (5, 20)


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("preprocess", {"source": {"builtin": "movielens-100k"}, "semantic": {"fields": ["title"]}}),
        ("preprocess", {"source": {"upload": ID, "format": "mind"}, "filter": {"min_time": 1.5}}),
        (
            "preprocess",
            {
                "source": {"generator": {"size": "mind-size", "cold_items": 0.3}},
                "split": {"method": "given"},
                "semantic": {
                    "text_source": "openai",
                    "generation": {"endpoint": "house", "input_price": 0.5},
                },
            },
        ),
        ("train", TRAIN | {"semantic_ids": "b" * 64, "threads": 2}),
        ("evaluate", {"model": ID, "cutoffs": [3], "mask": "train"}),
        ("export", {"model": ID, "format": "parquet"}),
    ],
)
def test_a_resolved_spec_parses_to_itself(kind: str, data: dict):
    spec = parse(SPECS[kind], data)
    plain = json.loads(json.dumps(spec_to_dict(spec)))
    assert parse(SPECS[kind], plain) == spec
    assert spec_digest(kind, parse(SPECS[kind], plain)) == spec_digest(kind, spec)


def test_the_digest_of_the_default_train_spec_is_frozen():
    # a new value means that runs recorded so far no longer count as the same work: change it on purpose only
    digest = "980be1b622a0e0379b041ee2b151fd830f5ca465ccd9031f85c24b7ec878584d"
    assert spec_digest("train", parse(TrainSpec, TRAIN)) == digest


def test_the_digest_does_not_depend_on_order_or_on_writing_defaults_out():
    spec = parse(TrainSpec, TRAIN)
    turned = parse(TrainSpec, dict(reversed(spec_to_dict(spec).items())))
    assert spec_digest("train", turned) == spec_digest("train", spec)
    assert spec_digest("train", parse(TrainSpec, TRAIN | {"seed": 0})) == spec_digest("train", spec)


def test_the_digest_sees_every_value_and_the_kind():
    spec = parse(TrainSpec, TRAIN)
    assert spec_digest("train", parse(TrainSpec, TRAIN | {"seed": 1})) != spec_digest("train", spec)
    assert spec_digest("evaluate", spec) != spec_digest("train", spec)


def test_a_spec_is_frozen():
    spec = parse(TrainSpec, TRAIN)
    with pytest.raises(ValidationError, match="frozen"):
        spec.seed = 1  # pyright: ignore[reportAttributeAccessIssue]


def test_specs_and_artifacts_import_neither_torch_nor_grpc():
    code = (
        "import sys, lghrec_compute.spec, lghrec_compute.artifacts, lghrec_compute.journal\n"
        "print([name for name in ('torch', 'grpc', 'sqlalchemy') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
