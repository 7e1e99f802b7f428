"""Encoders of the interaction graph: one paper, one file, one class. Knows no policy and no optimizer."""

from __future__ import annotations

from lghrec_compute.backbones.autograph import AutoGraph
from lghrec_compute.backbones.base import Backbone, Step, StepRequest
from lghrec_compute.backbones.cikg import Cikg
from lghrec_compute.backbones.lightccf import LightCcf
from lghrec_compute.backbones.lightgcl import LightGcl
from lghrec_compute.backbones.lightgcn import LightGcn
from lghrec_compute.backbones.mf import Mf
from lghrec_compute.backbones.nescl import Nescl
from lghrec_compute.backbones.parts.ego import EgoTable
from lghrec_compute.backbones.parts.inputs import (
    CandidatePools,
    Inputs,
    Knowledge,
    StepContext,
    StructuralContrast,
    Triple,
)
from lghrec_compute.backbones.sccf import Sccf
from lghrec_compute.backbones.sgl import Sgl
from lghrec_compute.backbones.simgcl import SimGcl
from lghrec_compute.backbones.vgcl import Vgcl
from lghrec_compute.spec.backbone import BackboneSpec

BACKBONES: dict[str, type[Backbone]] = {
    "mf": Mf,
    "lightgcn": LightGcn,
    "lightccf": LightCcf,
    "sgl": Sgl,
    "simgcl": SimGcl,
    "lightgcl": LightGcl,
    "sccf": Sccf,
    "vgcl": Vgcl,
    "nescl": Nescl,
    "cikg": Cikg,
    "autograph": AutoGraph,
}
"""Class of each name a spec may give."""


def build_backbone(spec: BackboneSpec, inputs: Inputs) -> Backbone:
    """Makes the backbone that `spec` names; its other fields are the class's keywords."""
    return BACKBONES[spec.name](inputs, **spec.model_dump(exclude={"name"}))


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
