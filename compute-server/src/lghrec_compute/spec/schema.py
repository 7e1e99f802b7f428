"""JSON Schemas of all specs with their documentation. `npm run gen` writes TypeScript types, the schemas of
spec files and the configuration reference from them.

python -m lghrec_compute.spec.schema

The documentation of a field is the string below it. It is read from the source files, so that it does not
slow down the start of a server. Field names are in snake case. In addition to standard keywords the schemas
contain:

- `idOf`: kind of the artifact whose id the field contains, or "run";
- `setByCall`: true for a field that is no part of a spec as users write it;
- `exactlyOne`, `appliesTo`: see `Spec`;
- `module`: name of the Python module that defines the type;
- `source`: publication and equation that a field comes from;
- `otherDefaults`: defaults under a recipe or a preset, where they differ;
- `valueMeanings`: meaning of each value of an enum.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import json
import pkgutil
import sys
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from types import ModuleType
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic.json_schema import GenerateJsonSchema, models_json_schema

import lghrec_compute.spec
from lghrec_compute.json_types import Json
from lghrec_compute.spec import SPECS
from lghrec_compute.spec.base import Spec
from lghrec_compute.spec.other_defaults import other_defaults
from lghrec_compute.spec.recommend import RecommendRequest, SimilarItemsRequest

_REF = "#/$defs/"


def main() -> None:
    """Print the schemas as JSON."""
    json.dump(schemas(), sys.stdout, indent=1, ensure_ascii=False)


def schemas() -> Json:
    """Return the name of the spec of each kind of run (`kinds`), and all types by their names (`$defs`).

    Raises `ValueError` for a field or a type without documentation.
    """
    models = [*SPECS.values(), RecommendRequest, SimilarItemsRequest]
    _, found = models_json_schema([(model, "validation") for model in models], schema_generator=_Generator)
    named: Json = {}
    types = {name: _named_apart(schema, named, root=True) for name, schema in found["$defs"].items()}
    whole = types | named
    documented = {name: _documented(name, whole[name]) for name in sorted(whole, key=_position)}
    return {"kinds": {kind: spec.__name__ for kind, spec in SPECS.items()}, "$defs": documented}


class _Generator(GenerateJsonSchema):
    """Schemas without null, which no client sends. A `Literal` or a union that has a name keeps it as its
    title."""

    def nullable_schema(self, schema: Any) -> Json:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: Any) -> Json:
        inner = super().default_schema(schema)
        return {key: value for key, value in inner.items() if key != "default" or value is not None}

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002
        return False

    def literal_schema(self, schema: Any) -> Json:
        name = _literals().get(tuple(schema["expected"]))
        if name is None:
            return super().literal_schema(schema)
        return {"type": "string", "enum": schema["expected"], "title": name}

    def dict_schema(self, schema: Any) -> Json:
        return super().dict_schema(schema) | {"propertyNames": self.generate_inner(schema["keys_schema"])}

    def tagged_union_schema(self, schema: Any) -> Json:
        members = [self.generate_inner(member) for member in schema["choices"].values()]
        return {"oneOf": members, "title": _unions()[tuple(schema["choices"])]}


def _named_apart(node: Any, named: Json, *, root: bool = False) -> Any:
    """Move every inner schema that has a title to `named`, and return references to them instead."""
    if isinstance(node, list):
        return [_named_apart(each, named) for each in node]
    if not isinstance(node, dict):
        return node
    name = node.get("title")
    has_name = isinstance(name, str)  # a field could be called title too
    schema = {
        key: _named_apart(value, named) for key, value in node.items() if key != "title" or not has_name
    }
    if root or not has_name:
        return schema
    default = {key: schema.pop(key) for key in ("default",) if key in schema}
    named[name] = schema
    return {"$ref": _REF + name, **default}


def _documented(name: str, schema: Json) -> Json:
    module = _home(name)
    value = getattr(module, name)
    of_module = {**schema, "module": module.__name__.rpartition(".")[2]}
    if isinstance(value, type) and issubclass(value, Spec):
        return of_module | _of_model(value, schema)
    text = _docs(module).get(name)
    if text is None:
        raise ValueError(f"{module.__name__}.{name} has no documentation, expected a string below it")
    return of_module | {"description": text}


def _of_model(model: type[Spec], schema: Json) -> Json:
    properties = {
        field: {**inner, **_of_field(model, field)}
        for field, inner in schema.get("properties", {}).items()
        if not model.model_fields[field].exclude
    }
    tags = [field for field, inner in properties.items() if "const" in inner]
    for tag in tags:
        del properties[tag]["default"]
    choices = {
        "exactlyOne": list(model.exactly_one),
        "appliesTo": {field: list(given) for field, given in model.applies_to.items()},
    }
    return {
        "description": _joined(inspect.getdoc(model) or ""),
        **{key: value for key, value in choices.items() if value},
        "properties": properties,
        "required": [*tags, *schema.get("required", [])],
    }


def _of_field(model: type[Spec], field: str) -> Json:
    if len(get_args(model.model_fields[field].annotation)) == 1 and field == "name":
        return {}  # the tag of a union
    for owner in model.__mro__:
        text = _docs(inspect.getmodule(owner)).get(f"{owner.__name__}.{field}")
        if text is not None:
            meaning, _, source = text.partition(" Source: ")
            others = other_defaults().get((model.__name__, field))
            found = {"description": meaning, "source": source.rstrip("."), "otherDefaults": others}
            return {key: value for key, value in found.items() if value}
    raise ValueError(
        f"{model.__module__}.{model.__name__}.{field} has no documentation, expected a string below it"
    )


@cache
def _docs(module: ModuleType | None) -> dict[str, str]:
    """Strings below assignments, by `Name` for those of the module and `Class.field` for those of classes."""
    if module is None or not module.__name__.startswith(lghrec_compute.spec.__name__):
        return {}
    tree = ast.parse(inspect.getsource(module))
    found = dict(_below(tree.body, ""))
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            found |= _below(node.body, f"{node.name}.")
    return found


def _below(body: list[ast.stmt], prefix: str) -> Iterator[tuple[str, str]]:
    for node, following in pairwise(body):
        target = node.target if isinstance(node, ast.AnnAssign) else None
        target = node.targets[0] if isinstance(node, ast.Assign) else target
        if isinstance(target, ast.Name) and isinstance(following, ast.Expr):
            text = ast.literal_eval(following.value)
            yield prefix + target.id, _joined(text)


def _joined(text: str) -> str:
    """Paragraphs on one line each."""
    return "\n\n".join(" ".join(part.split()) for part in inspect.cleandoc(text).split("\n\n"))


@cache
def _modules() -> list[ModuleType]:
    package = lghrec_compute.spec
    names = [name for _, name, _ in pkgutil.iter_modules(package.__path__) if name != "schema"]
    return [importlib.import_module(f"{package.__name__}.{name}") for name in names]


def _home(name: str) -> ModuleType:
    """The module that defines a type: the one whose source assigns it."""
    for module in _modules():
        value = vars(module).get(name)
        if getattr(value, "__module__", None) == module.__name__ or name in _docs(module):
            return module
    raise ValueError(f"no module defines {name}")


def _position(name: str) -> tuple[str, int]:
    """Sort key: the types of a module in the order in which it defines them."""
    module = _home(name)
    return module.__name__, list(vars(module)).index(name)


@cache
def _literals() -> dict[tuple[Any, ...], str]:
    return {
        get_args(value): name
        for module in _modules()
        for name, value in vars(module).items()
        if get_origin(value) is Literal and not name.startswith("_")
    }


@cache
def _unions() -> dict[tuple[str, ...], str]:
    return {
        tuple(member.model_fields["name"].default for member in get_args(get_args(value)[0])): name
        for module in _modules()
        for name, value in vars(module).items()
        if get_origin(value) is Annotated and getattr(get_args(value)[-1], "discriminator", None)
    }


if __name__ == "__main__":
    main()
