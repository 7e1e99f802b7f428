"""A spec as plain data, and its hash."""

from __future__ import annotations

from lghrec_compute.json_types import Json, json_sha256
from lghrec_compute.spec.base import Spec


def spec_to_dict(spec: Spec) -> Json:
    """The resolved spec as plain data, without the fields that are None."""
    return spec.model_dump(mode="json", exclude_none=True)


def spec_digest(kind: str, spec: Spec) -> str:
    """SHA-256 of kind and resolved spec, 64 hexadecimal digits."""
    return json_sha256({"kind": kind, "spec": spec_to_dict(spec)})
