"""What chooses negatives and temperatures of contrast tasks. Knows no backbone, no loss, no data set."""

from __future__ import annotations

from collections.abc import Callable

from lghrec_compute.policy.base import Policy, Selection, Task
from lghrec_compute.policy.native import Native
from lghrec_compute.spec.policy import Policy as PolicySpec

POLICIES: dict[str, Callable[..., Policy]] = {"native": Native}
"""Class of each name a spec may give."""


def build_policy(spec: PolicySpec) -> Policy:
    """Makes the policy that `spec` names; its other fields are the class's keywords."""
    return POLICIES[spec.name](**spec.model_dump(exclude={"name"}))


__all__ = ["POLICIES", "Native", "Policy", "Selection", "Task", "build_policy"]
