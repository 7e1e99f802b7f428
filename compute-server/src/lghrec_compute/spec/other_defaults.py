"""Defaults that differ under a recipe or a preset, for the documentation. No run uses this module."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, get_args

from lghrec_compute.json_types import Json
from lghrec_compute.spec.backbone import BACKBONES
from lghrec_compute.spec.base import Spec
from lghrec_compute.spec.policy import HgpoPolicy
from lghrec_compute.spec.recipes import with_recipe
from lghrec_compute.spec.train import TrainSpec

Field = tuple[str, str]
"""Name of a model and of a field of it."""


@cache
def other_defaults() -> dict[Field, list[Json]]:
    """Return for each field: under which setting (`with`, for example "recipe: lghrec_paper") the default is
    which `value`. The value is an object by the names of backbones if it depends on the backbone.
    """
    found: dict[Field, list[Json]] = defaultdict(list)
    for recipe in get_args(TrainSpec.model_fields["recipe"].annotation):
        for field, values in _of_recipe(recipe).items():
            found[field].append({"with": f"recipe: {recipe}", "value": values})
    for option, value in (("preset", "paper"), ("thresholds", "absolute")):
        other = HgpoPolicy.model_validate({option: value}).model_dump()
        for name, default in HgpoPolicy().model_dump().items():
            if other[name] != default and name != option:
                found[HgpoPolicy.__name__, name].append({"with": f"{option}: {value}", "value": other[name]})
    return found


def _of_recipe(recipe: str) -> dict[Field, Any]:
    values: dict[Field, dict[str, Any]] = defaultdict(dict)
    for name, backbone in BACKBONES.items():
        filled = with_recipe({"recipe": recipe, "backbone": {"name": name}})
        for model, field, value in _leaves(filled, backbone):
            if value != model.model_fields[field].default:
                values[model.__name__, field][name] = value
    options = {backbone.__name__ for backbone in BACKBONES.values()}
    return {field: _in_short(by_name, field[0] in options) for field, by_name in values.items()}


def _in_short(by_name: dict[str, Any], is_of_one_backbone: bool) -> Any:
    """The value alone if it does not depend on the backbone."""
    is_equal = by_name.keys() == BACKBONES.keys() and len(set(by_name.values())) == 1
    return next(iter(by_name.values())) if is_of_one_backbone or is_equal else by_name


def _leaves(filled: Mapping[str, Any], backbone: type[Spec]) -> Iterator[tuple[type[Spec], str, Any]]:
    for name, value in filled.items():
        if name == "recipe":
            continue
        if not isinstance(value, Mapping):
            yield TrainSpec, name, value
            continue
        model = backbone if name == "backbone" else TrainSpec.model_fields[name].annotation
        assert isinstance(model, type)
        assert issubclass(model, Spec)
        for field, inner in value.items():
            if field != "name" or name != "backbone":
                yield model, field, inner
