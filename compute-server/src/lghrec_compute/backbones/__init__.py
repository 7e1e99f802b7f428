"""Backbones: encoders of the interaction graph with their losses. One paper is one module with one class.

The module of a backbone has the name that specs use for it, and its class names its options class. Nothing
else registers it. A backbone knows no policy and no optimizer.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from lghrec_compute.backbones.base import Backbone, Step, StepRequest
from lghrec_compute.backbones.parts.ego import EgoTable
from lghrec_compute.backbones.parts.inputs import (
    CandidatePools,
    Inputs,
    Knowledge,
    StepContext,
    StructuralContrast,
    Triple,
)
from lghrec_compute.spec import backbone as specs


def _class_of(name: str, options: type[specs.BackboneOptions]) -> type[Backbone[Any]]:
    module = f"{__name__}.{name}"
    import_module(module)
    if options not in Backbone.classes:
        raise ImportError(
            f"{module} has no class for {options.__name__}, expected Backbone[{options.__name__}]"
        )
    return Backbone.classes[options]


BACKBONES: dict[str, type[Backbone[Any]]] = {
    name: _class_of(name, options) for name, options in specs.BACKBONES.items()
}
"""Backbone class of each name."""


def build_backbone(spec: specs.BackboneOptions, inputs: Inputs) -> Backbone[Any]:
    """Build the backbone with the options `spec`."""
    return Backbone.classes[type(spec)](inputs, spec)


__all__ = [
    "BACKBONES",
    "Backbone",
    "CandidatePools",
    "EgoTable",
    "Inputs",
    "Knowledge",
    "Step",
    "StepContext",
    "StepRequest",
    "StructuralContrast",
    "Triple",
    "build_backbone",
]
