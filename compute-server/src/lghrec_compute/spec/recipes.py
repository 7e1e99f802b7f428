"""Recipes: whole settings that replace the defaults of the fields that a train spec leaves out.

`backbone_paper` is the setting of the paper or the released code of the backbone (`paper_recipe` of its class
in `backbone.py`), and `lghrec_paper` the common setting of the LGHRec paper.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lghrec_compute.spec.backbone import BACKBONES

LGHREC_PAPER: Mapping[str, Any] = {
    "optimizer": {"name": "adam", "learning_rate": 1e-3},
    "batch_size": 4096,
    "embedding_dim": 64,
    "early_stop": {"patience": 10},
}
"""Setting of LGHRec, appendix B.4. A backbone with a field `layers` uses three layers in addition."""


def with_recipe(spec: Mapping[str, Any]) -> dict[str, Any]:
    """Return the spec with missing fields filled in from its recipe."""
    backbone = spec.get("backbone")
    name = backbone.get("name") if isinstance(backbone, Mapping) else None
    if not isinstance(name, str) or name not in BACKBONES:
        return dict(spec)
    options = BACKBONES[name]
    match spec.get("recipe"):
        case "backbone_paper":
            return _merged(options.paper_recipe, spec)
        case "lghrec_paper":
            layers = {"backbone": {"layers": 3}} if "layers" in options.model_fields else {}
            return _merged({**LGHREC_PAPER, **layers}, spec)
        case _:
            return dict(spec)


def _merged(defaults: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(defaults)
    for name, value in given.items():
        inner = merged.get(name)
        if isinstance(inner, Mapping) and isinstance(value, Mapping):
            merged[name] = _merged(inner, value)
        elif value is not None:
            merged[name] = value
    return merged
