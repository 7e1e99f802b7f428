"""Options of each backbone; the discriminator `name` is the case of the oneof on the wire."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from lghrec_compute.spec.base import Spec, served

Layers = Annotated[int, Field(ge=1, le=8)]
Temperature = Annotated[float, Field(gt=0, le=10)]
Weight = Annotated[float, Field(ge=0, le=1000)]


class MfBackbone(Spec):
    """Matrix factorisation with the BPR loss."""

    name: Literal["mf"] = "mf"


class LightGcnBackbone(Spec):
    """LightGCN (He et al. 2020): layer mean of `layers` graph convolutions."""

    name: Literal["lightgcn"] = "lightgcn"
    layers: Layers = 3


class LightCcfBackbone(Spec):
    """LightCCF (2025): BPR and a neighbourhood aggregation contrast between users and items.

    Defaults follow the released code on sparse data. A batch should hold few interactions of each user, since
    they are each other's negatives: on small dense data take small batches, a smaller weight, and try `sum`.
    """

    name: Literal["lightccf"] = "lightccf"
    encoder: Literal["mf", "lightgcn"] = "mf"
    layers: Layers = 3
    """Used by the encoder `lightgcn` only."""
    temperature: Temperature = 0.28
    contrast_weight: Weight = 1.0
    form: Literal["product", "sum"] = "product"
    """`product`: similarities are added before the exponential (released code); `sum`: two sums."""


BACKBONES = frozenset({"mf", "lightgcn", "lightccf"})


def _served_backbone(value: Any) -> Any:
    if isinstance(value, dict) and isinstance(name := value.get("name"), str):
        served(name, BACKBONES, "backbone")
    return value


Backbone = Annotated[
    Annotated[MfBackbone | LightGcnBackbone | LightCcfBackbone, Field(discriminator="name")],
    BeforeValidator(_served_backbone),
]
