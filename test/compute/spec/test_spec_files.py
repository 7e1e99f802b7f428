"""JSON Schemas of spec files: they accept what the server accepts, and reject what no spec contains."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import fastjsonschema
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from lghrec_compute.errors import ConfigError
from lghrec_compute.json_types import Json
from lghrec_compute.spec import SPECS, parse, spec_to_dict
from lghrec_compute.spec.schema import schemas

ROOT = Path(__file__).parents[3]
EXAMPLES = sorted((ROOT / "examples" / "specs").glob("*.yaml"))
HEAD = re.compile(r"# yaml-language-server: \$schema=(\S+)\n")
TYPES: Json = schemas()["$defs"]
ID = "a" * 64
MF = {"dataset": ID, "backbone": {"name": "mf"}}


@cache
def validator(kind: str) -> Callable[[Any], Any]:
    schema = json.loads((ROOT / "sdk" / "schemas" / f"{kind}.schema.json").read_text())
    return fastjsonschema.compile(schema, use_default=False)


@pytest.mark.parametrize("path", EXAMPLES, ids=[path.name for path in EXAMPLES])
def test_an_example_names_its_schema_and_is_valid(path: Path):
    head = HEAD.match(path.read_text())
    assert head is not None
    schema = (path.parent / head[1]).resolve()
    assert schema.parent == ROOT / "sdk" / "schemas"
    validator(schema.name.removesuffix(".schema.json"))(yaml.safe_load(path.read_text()))


@pytest.mark.parametrize(
    ("kind", "spec", "wrong"),
    [
        ("train", MF | {"epoch": 3}, "epoch"),
        ("train", MF | {"epochs": 0}, "epochs"),
        ("train", MF | {"epochs": "many"}, "epochs"),
        ("train", MF | {"kind": "train"}, "kind"),
        ("train", {"dataset": ID}, "backbone"),
        ("train", MF | {"dataset": "x"}, "dataset"),
        ("train", MF | {"backbone": {"layers": 2}}, "name"),
        ("train", MF | {"backbone": {"name": "ncl"}}, "backbone.name"),
        ("train", MF | {"backbone": {"name": "mf", "layers": 2}}, "layers"),
        ("train", MF | {"policy": {"name": "hgpo", "clipRange": 1}}, "clipRange"),
        ("train", MF | {"optimizer": {"learning_rate": 0}}, "learning"),
        ("train", MF | {"earlyStop": {"metric": "ndcg"}}, "metric"),
        ("train", MF | {"semanticIdsByVariant": {"full": ID}}, "semanticIdsByVariant"),
        ("preprocess", {"source": {"path": "x", "builtin": "movielens-100k"}}, "source"),
        ("preprocess", {"source": {"path": "x", "format": "csv"}}, "format"),
        ("preprocess", {"source": {"path": "x"}, "semantic": {"stage": "preview"}}, "stage"),
        ("evaluate", {"model": ID, "cutoffs": []}, "cutoffs"),
        ("evaluate", {"model": ID, "predictions": {"path": "x"}}, "data"),
        ("export", {"model": ID}, "format"),
        ("compare", {"entries": [{"name": "a", "reports": [ID]}]}, "entries"),
    ],
)
def test_a_wrong_spec_is_rejected_where_it_is_wrong(kind: str, spec: Json, wrong: str):
    with pytest.raises(fastjsonschema.JsonSchemaValueException, match=wrong.replace(".", r"\.")):
        validator(kind)(spec)


@pytest.mark.parametrize("kind", SPECS)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_spec_that_the_server_accepts_is_valid_in_both_spellings(kind: str, data: st.DataObject):
    spec = data.draw(named(SPECS[kind].__name__))
    try:
        resolved = spec_to_dict(parse(SPECS[kind], spec))
    except ConfigError:
        return  # conditions between fields that the schema does not state
    for each in (spec, resolved):
        validator(kind)(as_written(each))
        validator(kind)(as_written(each, camel_case))


@pytest.mark.parametrize("kind", SPECS)
def test_most_specs_of_the_property_test_are_accepted(kind: str):
    accepted: list[bool] = []

    @settings(max_examples=40, deadline=None, database=None, derandomize=True)
    @given(spec=named(SPECS[kind].__name__))
    def draw(spec: Json):
        try:
            parse(SPECS[kind], spec)
        except ConfigError:
            accepted.append(False)
        else:
            accepted.append(True)

    draw()
    assert sum(accepted) > len(accepted) / 5


@cache
def named(name: str) -> st.SearchStrategy[Any]:
    schema = TYPES[name]
    if "properties" not in schema:
        return values(schema)
    choices = schema.get("exactlyOne", [])
    fields = {
        field: values(inner) for field, inner in schema["properties"].items() if not inner.get("setByCall")
    }
    required = {field: value for field, value in fields.items() if field in schema["required"]}
    optional = {field: value for field, value in fields.items() if field not in (*required, *choices)}
    if not choices:
        return few_of(required, optional)
    return st.sampled_from(choices).flatmap(
        lambda chosen: few_of(required | {chosen: fields[chosen]}, optional)
    )


def few_of(required: Json, optional: Json) -> st.SearchStrategy[Json]:
    """All required fields and at most two others, so that conditions between fields mostly hold."""
    others = st.lists(st.sampled_from(sorted(optional)), max_size=2) if optional else st.just([])
    return others.flatmap(
        lambda chosen: st.fixed_dictionaries(required | {field: optional[field] for field in chosen})
    )


def values(schema: Json) -> st.SearchStrategy[Any]:
    if "$ref" in schema:
        return named(schema["$ref"].removeprefix("#/$defs/"))
    if "oneOf" in schema:
        return st.one_of([values(member) for member in schema["oneOf"]])
    if "idOf" in schema:
        runs = [f"0000000{digit}-0000-7000-8000-000000000000" for digit in "abc"]
        return st.sampled_from(runs if schema["idOf"] == "run" else [digit * 64 for digit in "abc"])
    if "const" in schema or "enum" in schema:
        return st.sampled_from(schema.get("enum") or [schema["const"]])
    match schema["type"]:
        case "boolean":
            return st.booleans()
        case "integer":
            return st.integers(schema.get("minimum", 0), schema.get("maximum", 2**32 - 1))
        case "number":
            low = schema.get("minimum", schema.get("exclusiveMinimum", -1000))
            high = schema.get("maximum", schema.get("exclusiveMaximum", 1000))
            open_ends = {
                "exclude_min": "exclusiveMinimum" in schema,
                "exclude_max": "exclusiveMaximum" in schema,
            }
            return st.floats(low, high, **open_ends)
        case "string" if "pattern" in schema:
            return st.from_regex(re.compile(schema["pattern"], re.ASCII), fullmatch=True)
        case "string":
            return st.text("abc", min_size=1, max_size=schema.get("maxLength", 4))
        case "array":
            least = schema.get("minItems", 0)
            return st.lists(values(schema["items"]), min_size=least, max_size=least + 1)
        case _:
            keys = values(schema["propertyNames"])
            return st.dictionaries(keys, values(schema["additionalProperties"]), max_size=2)


def camel_case(name: str) -> str:
    return re.sub(r"_(\w)", lambda match: match[1].upper(), name)


def as_written(spec: Any, spell: Callable[[str], str] = str, *, is_map: bool = False) -> Any:
    """A spec as it is in a file: without the stage, its field names spelt by `spell`."""
    if isinstance(spec, list):
        return [as_written(each, spell) for each in spec]
    if not isinstance(spec, dict):
        return spec
    return {
        name if is_map else spell(name): as_written(value, spell, is_map=name == "semantic_ids_by_variant")
        for name, value in spec.items()
        if name != "stage"
    }
