"""The documentation of specs is complete: what editors, TypeScript and the reference show comes from it."""

from __future__ import annotations

from typing import Any

import pytest

from lghrec_compute.spec import SPECS
from lghrec_compute.spec.schema import schemas

WHOLE = schemas()
TYPES: dict[str, Any] = WHOLE["$defs"]
FIELDS = [
    (name, field, schema)
    for name, whole in TYPES.items()
    for field, schema in whole.get("properties", {}).items()
    if "const" not in schema
]


def test_every_kind_of_run_has_a_schema():
    assert WHOLE["kinds"].keys() == SPECS.keys()
    assert all(TYPES[name]["properties"] for name in WHOLE["kinds"].values())


@pytest.mark.parametrize(("name", "field", "schema"), FIELDS, ids=[f"{n}.{f}" for n, f, _ in FIELDS])
def test_a_field_says_what_it_means_and_what_happens_without_it(name: str, field: str, schema: Any):
    meaning = schema["description"]
    assert meaning.endswith(".")
    assert " None " not in meaning.replace("None means ", "")
    is_section = "properties" in TYPES.get(schema.get("$ref", "").removeprefix("#/$defs/"), {})
    if field in TYPES[name]["required"] or is_section or schema.get("type") == "object":
        return
    if field in TYPES[name].get("exactlyOne", ()):
        assert "None means" not in meaning
    else:
        assert ("default" in schema) != ("None means " in meaning)


def test_values_and_fields_have_different_names():
    # a name in backticks with an underscore is either a field, which is shown in camelCase, or a value
    values = {value for whole in TYPES.values() for value in whole.get("enum", ())}
    values |= {value for _, _, schema in FIELDS for value in schema.get("enum", ())}
    assert {value for value in values if "_" in value} & {field for _, field, _ in FIELDS} == set()


def test_types_that_are_named_in_python_are_named_in_the_schema():
    assert TYPES["Device"]["enum"] == ["auto", "cpu", "cuda"]
    assert TYPES["TrainSpec"]["properties"]["device"]["$ref"] == "#/$defs/Device"
    assert TYPES["BackboneSpec"]["oneOf"][0] == {"$ref": "#/$defs/MfBackbone"}
    assert TYPES["SourceSpec"]["exactlyOne"] == ["builtin", "path", "upload", "generator"]
    assert "kind" not in TYPES["TrainSpec"]["properties"]


def test_defaults_under_a_recipe_are_listed_where_they_differ():
    batch_size = TYPES["TrainSpec"]["properties"]["batch_size"]
    assert batch_size["default"] == 2048
    of_papers, of_lghrec = batch_size["otherDefaults"]
    assert of_papers["with"] == "recipe: backbone_paper"
    assert of_papers["value"].items() >= {"sccf": 10_000, "autograph": 256}.items()
    assert of_lghrec == {"with": "recipe: lghrec_paper", "value": 4096}
    layers = TYPES["LightGclBackbone"]["properties"]["layers"]
    assert layers["otherDefaults"] == [{"with": "recipe: lghrec_paper", "value": 3}]
    credit = TYPES["HgpoPolicy"]["properties"]["credit"]
    assert credit["otherDefaults"] == [{"with": "preset: paper", "value": "joint"}]
