"""Wrong fields of a preprocess spec: where the data comes from, what is kept, how texts become vectors."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from lghrec_compute.errors import ConfigError
from lghrec_compute.spec import PreprocessSpec, parse
from lghrec_compute.spec import semantic as semantic_spec
from lghrec_compute.spec import source as source_spec
from lghrec_compute.spec.preprocess import SplitMethod

ID = "a" * 64
PATH = {"path": "ratings"}
TOY = {"users": 10, "items": 10, "interactions": 100}


def violations(data: dict[str, Any]) -> dict[str, str]:
    with pytest.raises(ConfigError) as caught:
        parse(PreprocessSpec, data)
    return {violation.path: violation.description for violation in caught.value.violations}


def source(**fields: Any) -> dict[str, Any]:
    return {"source": fields}


def generator(**fields: Any) -> dict[str, Any]:
    return source(generator=TOY | fields)


def semantic(**fields: Any) -> dict[str, Any]:
    return {"source": PATH, "semantic": fields}


def generation(**fields: Any) -> dict[str, Any]:
    return semantic(text_source="openai", generation={"endpoint": "house"} | fields)


ONE = "give exactly one of builtin, path, upload, generator, got "
WRONG: dict[str, tuple[dict[str, Any], str, str]] = {
    "no source": (source(), "source", ONE + "none"),
    "two sources": (source(builtin="movielens-100k", upload=ID), "source", ONE + "builtin and upload"),
    "no upload id": (source(upload="mine"), "source.upload", "string should match pattern"),
    "columns of a format with its own": (
        source(path="x", format="mind", columns={"user": "u"}),
        "source.columns",
        "format mind names its own columns, expected delimited, jsonl, parquet",
    ),
    "empty column": (
        source(path="x", format="jsonl", columns={"user": ""}),
        "source.columns.user",
        "at least 1 character, got ''",
    ),
    "long separator": (
        source(path="x", format="delimited", columns={"separator": "|||"}),
        "source.columns.separator",
        "at most 2 characters",
    ),
    "unknown column": (
        source(path="x", format="delimited", columns={"time": "t"}),
        "source.columns.time",
        "unknown field",
    ),
    "absolute file": (source(**PATH, files={"items": "/etc/passwd"}), "source.files.items", "match pattern"),
    "backslash in a file": (source(**PATH, files={"items": "a\\b"}), "source.files.items", "match pattern"),
    "train without test": (source(**PATH, files={"train": "a"}), "source.files.test", "are given together"),
    "test without train": (source(**PATH, files={"test": "a"}), "source.files.train", "are given together"),
    "interactions beside parts": (
        source(**PATH, files={"train": "a", "test": "b", "interactions": "c"}),
        "source.files.interactions",
        "either interactions, or train and test",
    ),
    "generator without a size": (
        source(generator={"users": 10, "items": 10}),
        "source.generator.interactions",
        "required where no size is named",
    ),
    "few users": (generator(users=9), "source.generator.users", "greater than or equal to 10, got 9"),
    "many categories": (generator(categories=1001), "source.generator.categories", "got 1001"),
    "all items cold": (generator(cold_items=1), "source.generator.cold_items", "less than 1, got 1"),
    "cold items of another split": (generator(cold_items=0.3), "split.method", "expected given"),
    "given split of a built-in data set": (
        {"source": {"builtin": "movielens-100k"}, "split": {"method": "given"}},
        "split.method",
        "comes without a split",
    ),
    "files of a split that is not given": (
        source(**PATH, files={"train": "a", "test": "b"}),
        "split.method",
        "expected given",
    ),
    "shares": ({"source": PATH, "split": {"train": 0.5}}, "split", "must add up to 1, got 0.7"),
    "empty window": (
        {"source": PATH, "filter": {"min_time": 5, "max_time": 5}},
        "filter.max_time",
        "must be after min_time 5.0, got 5.0",
    ),
    "no minimum": (
        {"source": PATH, "filter": {"min_item_interactions": 0}},
        "filter.min_item_interactions",
        "greater than or equal to 1, got 0",
    ),
    "local encoder without a path": (
        semantic(encoder="local"),
        "semantic.encoder_path",
        "give it with the encoder local, and only then",
    ),
    "path without the local encoder": (semantic(encoder_path="x"), "semantic.encoder_path", "and only then"),
    "openai without an endpoint": (
        semantic(text_source="openai"),
        "semantic.generation.endpoint",
        "give it with openai, and only then",
    ),
    "endpoint of another provider": (
        semantic(text_source="llamacpp", generation={"endpoint": "house"}),
        "semantic.generation.endpoint",
        "and only then",
    ),
    "address for an endpoint": (
        semantic(text_source="openai", generation={"endpoint": "https://x"}),
        "semantic.generation.endpoint",
        "string should match pattern",
    ),
    "dimensions of all": (semantic(dim=8), "semantic.dim", "none keeps all dimensions"),
    "no dimension": (semantic(transform="pca", dim=0), "semantic.dim", "greater than or equal to 1, got 0"),
    "short texts": (semantic(max_tokens=7), "semantic.max_tokens", "greater than or equal to 8, got 7"),
    "unknown pooling": (semantic(pooling="max"), "semantic.pooling", "pooler, mean_no_cls, got 'max'"),
    "unknown windowing": (
        semantic(windowing="cut"),
        "semantic.windowing",
        "expected one of truncate, stride, got 'cut'",
    ),
    "unknown stage": (semantic(stage="encode"), "semantic.stage", "estimate, preview, got 'encode'"),
    "empty field name": (semantic(fields=["title", ""]), "semantic.fields.1", "at least 1 character"),
    "hot": (generation(temperature=2.1), "semantic.generation.temperature", "or equal to 2, got 2.1"),
    "no probability": (generation(top_p=0), "semantic.generation.top_p", "greater than 0, got 0"),
    "no request at a time": (generation(max_in_flight=0), "semantic.generation.max_in_flight", "got 0"),
    "no budget": (generation(budget_tokens=0), "semantic.generation.budget_tokens", "got 0"),
    "negative price": (generation(input_price=-1), "semantic.generation.input_price", "equal to 0, got -1"),
    "key in a spec": (generation(api_key="k"), "semantic.generation.api_key", "unknown field"),
}


@pytest.mark.parametrize("name", list(WRONG))
def test_a_wrong_field_is_named_with_its_path(name: str):
    data, path, description = WRONG[name]
    found = violations(data)
    assert list(found) == [path]
    assert description in found[path]


REFUSED = [
    (source(builtin="movielens-1m"), "source.builtin", "movielens-1m", source_spec.BuiltinDataset),
    (source(path="x", format="csv"), "source.format", "csv", source_spec.SourceFormat),
    (
        source(generator={"size": "netflix-size"}),
        "source.generator.size",
        "netflix-size",
        source_spec.GeneratorSize,
    ),
    ({"source": PATH, "split": {"method": "time"}}, "split.method", "time", SplitMethod),
    (semantic(text_source="gpt"), "semantic.text_source", "gpt", semantic_spec.TextSource),
    (semantic(encoder="bert"), "semantic.encoder", "bert", semantic_spec.TextEncoder),
    (semantic(transform="zca"), "semantic.transform", "zca", semantic_spec.Transform),
    (generation(prompt="fig5@1"), "semantic.generation.prompt", "fig5@1", semantic_spec.Prompt),
]


@pytest.mark.parametrize(("data", "path", "value", "known"), REFUSED)
def test_an_unknown_value_is_refused_with_those_that_are_known(data, path, value, known):
    assert violations(data) == {path: f"expected one of {', '.join(get_args(known))}, got '{value}'"}


def test_violations_of_all_parts_come_back_at_once():
    data = generation(top_p=2) | {"source": {"upload": "x"}, "filter": {"k_core": 0}}
    assert set(violations(data)) == {"source.upload", "filter.k_core", "semantic.generation.top_p"}
