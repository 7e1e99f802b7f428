"""The names and defaults in docs/hgpo.md and docs/glossary.md are those of the code."""

from __future__ import annotations

import importlib
import pkgutil
import re
from pathlib import Path

import pytest

import lghrec_compute
from lghrec_compute.spec.base import Spec
from lghrec_compute.spec.policy import HgpoPolicy

DOCS = Path(__file__).parents[2] / "docs"
PAGES = ["hgpo.md", "glossary.md"]
TOP = {module.name for module in pkgutil.iter_modules(lghrec_compute.__path__)}
CODE = re.compile(r"`([^`]+)`")
MODULE_PATH = re.compile(r"[a-z]\w*(\.\w+)*")
SPEC_FIELD = re.compile(r"([A-Z]\w*(?:Spec|Policy))\.(\w+)")
DEFAULT = re.compile(r"`(\w+)`, default ([^\s|;,)*]+)")


def text_of(page: str) -> str:
    """The page without its code blocks."""
    return re.sub(r"```.*?```", "", (DOCS / page).read_text(), flags=re.DOTALL)


def specs() -> dict[str, type[Spec]]:
    """All models of the package `spec` by name."""
    import lghrec_compute.spec as package

    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{package.__name__}.{module.name}")
    found, open_ = {}, [Spec]
    while open_:
        for model in open_.pop().__subclasses__():
            found[model.__name__] = model
            open_.append(model)
    return found


def resolve(path: str) -> object:
    """The module, function, class or attribute of that name; raises if there is none."""
    parts = path.split(".")
    for end in range(len(parts), 0, -1):
        try:
            found: object = importlib.import_module(".".join(["lghrec_compute", *parts[:end]]))
        except ModuleNotFoundError:
            continue
        for name in parts[end:]:
            found = getattr(found, name)
        return found
    raise ModuleNotFoundError(path)


@pytest.mark.parametrize("page", PAGES)
def test_every_documented_name_exists(page):
    names = [code for code in CODE.findall(text_of(page)) if MODULE_PATH.fullmatch(code)]
    paths = [name for name in names if "." in name and name.split(".")[0] in TOP]
    assert len(paths) > 20
    for path in paths:
        resolve(path)


@pytest.mark.parametrize("page", PAGES)
def test_every_documented_spec_field_exists(page):
    models = specs()
    for code in CODE.findall(text_of(page)):
        if match := SPEC_FIELD.fullmatch(code):
            assert match[2] in models[match[1]].model_fields, code


def test_every_default_of_the_policy_is_the_documented_one():
    documented = DEFAULT.findall(text_of("hgpo.md"))
    for name, shown in documented:
        value = HgpoPolicy.model_fields[name].default
        if isinstance(value, float):
            assert float(shown) == value, name
        else:
            assert shown.rstrip(".") == str(value).lower(), name
    # every field is explained except its name, and those that select where the policy acts
    undocumented = set(HgpoPolicy.model_fields) - {name for name, _ in documented}
    assert undocumented == {"name", "preset", "contrast", "pool_sampling"}
