"""The places that a backbone needs, found in the sources without importing them.

A backbone needs a message with a case in `backbone.proto`, an options class in `spec/backbone.py`, a module
in `backbones/` with a class of these options, and a row in `docs/backbones.md`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

PROTO = Path("proto/lghrec/v1/backbone.proto")
SOURCES = Path("compute-server/src/lghrec_compute")
SPEC = SOURCES / "spec/backbone.py"
CLASSES = SOURCES / "backbones"
PAGE = Path("docs/backbones.md")

NO_BACKBONES = {"base", "parts"}
"""Modules of `backbones/` that are no backbones."""


def missing_places(root: Path) -> list[str]:
    """Return a sentence for each place that a backbone lacks; `root` is a copy of the repository."""
    cases, options, classes = _cases(root / PROTO), _options(root / SPEC), _classes(root / CLASSES)
    rows = set(re.findall(r"^\| `(\w+)` \|", (root / PAGE).read_text(), re.M))
    names = sorted({*cases, *options, *classes, *rows})
    return [sentence for name in names for sentence in _missing(name, cases, options, classes, rows)]


def _missing(
    name: str, cases: dict[str, str], options: dict[str, str], classes: dict[str, set[str]], rows: set[str]
) -> Iterator[str]:
    if name not in cases:
        yield f"{name}: {PROTO} has no case of this name with its message"
    if name not in options:
        yield f"{name}: {SPEC} has no class of this name in AnyBackbone"
    if name not in classes:
        yield f"{name}: {CLASSES} has no module {name}.py"
    elif name in options and options[name] not in classes[name]:
        yield f"{name}: {CLASSES}/{name}.py has no class Backbone[{options[name]}]"
    if name not in rows:
        yield f"{name}: {PAGE} has no row"


def _cases(path: Path) -> dict[str, str]:
    """Cases of the oneof that have a message, by name."""
    text = path.read_text()
    messages = set(re.findall(r"^message (\w+)", text, re.M))
    oneof = text.partition("oneof backbone {")[2].partition("}")[0]
    return {name: kind for kind, name in re.findall(r"(\w+) (\w+) = \d+;", oneof) if kind in messages}


def _options(path: Path) -> dict[str, str]:
    """Names of the options classes in the union `AnyBackbone`, by the backbone's name."""
    tree = ast.parse(path.read_text())
    union = next(
        node.value
        for node in tree.body
        if isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == "AnyBackbone"
    )
    assert union is not None
    members = {node.id for node in ast.walk(union) if isinstance(node, ast.Name)}
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef) and node.name in members]
    return {_name_of(each): each.name for each in classes}


def _name_of(options: ast.ClassDef) -> str:
    """The default of the field `name`."""
    for node in options.body:
        if isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == "name":
            assert isinstance(node.value, ast.Constant)
            return str(node.value.value)
    raise ValueError(f"{options.name} has no field name, expected name: Literal[...]")


def _classes(folder: Path) -> dict[str, set[str]]:
    """Names of the options of the backbone classes in each module."""
    modules = {path.stem: [path] for path in folder.glob("*.py") if not path.stem.startswith("_")}
    modules |= {
        path.name: [*path.glob("*.py")] for path in folder.iterdir() if (path / "__init__.py").is_file()
    }
    return {
        name: {found for path in paths for found in re.findall(r"\(Backbone\[(\w+)\]\)", path.read_text())}
        for name, paths in modules.items()
        if name not in NO_BACKBONES
    }
