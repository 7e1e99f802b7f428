"""What chooses negatives and temperatures; the discriminator `name` is the case of the oneof on the wire."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator

from lghrec_compute.spec.base import Spec, served


class NativePolicy(Spec):
    """The backbone's own negatives and temperature."""

    name: Literal["native"] = "native"


POLICIES = frozenset({"native"})


def _served_policy(value: Any) -> Any:
    if isinstance(value, dict) and isinstance(name := value.get("name"), str):
        served(name, POLICIES, "policy")
    return value


Policy = Annotated[NativePolicy, BeforeValidator(_served_policy)]
