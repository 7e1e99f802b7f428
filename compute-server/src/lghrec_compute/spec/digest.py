"""A spec as plain data, and its hash."""

from __future__ import annotations

from lghrec_compute.json_types import Json, json_sha256
from lghrec_compute.spec.base import Spec


def spec_to_dict(spec: Spec) -> Json:
    """Return the resolved spec as plain data, without the fields that are None."""
    return spec.model_dump(mode="json", exclude_none=True)


def spec_digest(kind: str, spec: Spec) -> str:
    """Return the SHA-256 of kind and resolved spec, 64 hexadecimal digits.

    Equal work has one digest: a variant by its name and the same fields written by hand are equal.
    """
    plain = {name: value for name, value in spec_to_dict(spec).items() if name not in spec.outside_digest}
    return json_sha256({"kind": kind, "spec": plain})
