"""What a spec means when a field is left out, and the hash that names the whole of it."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from pydantic import ValidationError

from lghrec_compute.spec import (
    SPECS,
    EvaluateSpec,
    ExportSpec,
    PreprocessSpec,
    TrainSpec,
    parse,
    spec_digest,
    spec_to_dict,
)
from lghrec_compute.spec.metrics import METRICS

ID = "a" * 64
TRAIN = {"dataset": ID, "backbone": {"name": "lightccf"}}

GENERATION = {
    "prompt": "fig4@1",
    "temperature": 0.2,
    "top_p": 0.9,
    "max_output_tokens": 1536,
    "seed": 0,
    "max_in_flight": 8,
    "max_attempts": 4,
    "timeout_seconds": 120.0,
    "preview_items": 20,
}


def test_train_defaults_are_these():
    assert spec_to_dict(parse(TrainSpec, TRAIN)) == {
        "recipe": "default",
        "dataset": ID,
        "backbone": {
            "name": "lightccf",
            "encoder": "mf",
            "layers": 3,
            "temperature": 0.28,
            "contrast_weight": 1.0,
            "form": "product",
        },
        "policy": {"name": "native"},
        "fusion": {
            "method": "concat_linear",
            "learning_rate_factor": 0.01,
            "neighbors": 0,
            "neighbor_weight": 0.5,
        },
        "optimizer": {
            "name": "adam",
            "learning_rate": 0.001,
            "embedding_l2": 0.0001,
            "weight_decay": 0.0,
        },
        "embedding_dim": 64,
        "batch_size": 2048,
        "epochs": 300,
        "early_stop": {"metric": "ndcg@20", "patience": 10, "every_epochs": 1},
        "checkpoint": {"every_epochs": 5},
        "seed": 0,
        "device": "auto",
        "semantic_ids_by_variant": {},
    }


def test_preprocess_defaults_are_these():
    spec = parse(PreprocessSpec, {"source": {"builtin": "movielens-100k"}, "semantic": {}})
    assert spec_to_dict(spec) == {
        "source": {"builtin": "movielens-100k", "format": "recbole", "files": {}},
        "filter": {"k_core": 5, "min_user_interactions": 1, "min_item_interactions": 1},
        "split": {"method": "ratio_per_user", "train": 0.8, "valid": 0.1, "test": 0.1, "seed": 0},
        "semantic": {
            "text_source": "extractive",
            "encoder": "minilm",
            "transform": "none",
            "fields": [],
            "max_tokens": 256,
            "pooling": "mean",
            "windowing": "truncate",
            "generation": GENERATION,
            "stage": "all",
        },
    }


def test_a_mapped_source_has_these_columns():
    source = {"path": "a.csv", "format": "delimited", "columns": {"rating": "stars"}}
    assert spec_to_dict(parse(PreprocessSpec, {"source": source}))["source"] == {
        "path": "a.csv",
        "format": "delimited",
        "columns": {"user": "user", "item": "item", "rating": "stars", "text": []},
        "files": {},
    }


def test_a_generator_has_these_defaults():
    for given in ({"size": "mind-size"}, {"users": 10, "items": 10, "interactions": 100}):
        plain = spec_to_dict(parse(PreprocessSpec, {"source": {"generator": given}}))
        expected = given | {"categories": 20, "cold_items": 0.0, "seed": 0}
        assert plain["source"]["generator"] == expected


def test_preprocess_makes_no_semantic_ids_unless_asked():
    assert parse(PreprocessSpec, {"source": {"path": "ratings"}}).semantic is None


def test_evaluate_defaults_are_these():
    assert spec_to_dict(parse(EvaluateSpec, {"model": ID})) == {
        "model": ID,
        "metrics": list(METRICS),
        "cutoffs": [10, 20],
        "split": "test",
        "mask": "train_valid",
        "drop_unseen": False,
        "device": "auto",
    }


def test_export_defaults_are_these():
    assert spec_to_dict(parse(ExportSpec, {"model": ID, "format": "topk"})) == {
        "model": ID,
        "format": "topk",
        "top_k": 20,
        "mask": "train_valid",
        "device": "auto",
    }


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
