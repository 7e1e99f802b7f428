"""What chooses negatives and temperatures of contrast tasks. Knows no backbone, no loss, no data set."""

from __future__ import annotations

from collections.abc import Callable

from lghrec_compute.policy.base import Handover, Policy, PolicyInput, Selection, Task
from lghrec_compute.policy.hgpo import Hgpo
from lghrec_compute.policy.native import Native
from lghrec_compute.policy.random import Random
from lghrec_compute.spec.policy import PolicySpec

POLICIES: dict[str, Callable[..., Policy]] = {"native": Native, "random": Random, "hgpo": Hgpo}
"""Class of each name a spec may give."""

_OF_THE_TRAINER = frozenset(
    {
        "name",
        "preset",
        "contrast",
        "pool_size",
        "pool_sampling",
        "structural_weight",
        "structural_temperature",
    }
)
"""Fields that say where a policy acts and on which pool, and not how."""


def build_policy(spec: PolicySpec, known: PolicyInput) -> Policy:
    """Makes the policy that `spec` names, for the run that `known` describes."""
    return POLICIES[spec.name](known, **spec.model_dump(exclude=set(_OF_THE_TRAINER)))


__all__ = [
    "POLICIES",
    "Handover",
    "Hgpo",
    "Native",
    "Policy",
    "PolicyInput",
    "Random",
    "Selection",
    "Task",
    "build_policy",
]
