"""Policies, which select the negatives and the temperatures of contrastive tasks.

This package does not import backbones, losses or data sets.
"""

from __future__ import annotations

from lghrec_compute.policy.base import Policy, PolicyInput, Selection, Task
from lghrec_compute.policy.hgpo import Hgpo
from lghrec_compute.policy.native import Native
from lghrec_compute.policy.random import Random
from lghrec_compute.spec.policy import HgpoPolicy, NativePolicy, PolicySpec, RandomPolicy


def build_policy(spec: PolicySpec, known: PolicyInput) -> Policy:
    """Return the policy that `spec` describes, for the run that `known` describes."""
    match spec:
        case NativePolicy():
            return Native()
        case RandomPolicy():
            return Random(spec, known)
        case HgpoPolicy():
            return Hgpo(spec, known)


__all__ = [
    "Hgpo",
    "Native",
    "Policy",
    "PolicyInput",
    "Random",
    "Selection",
    "Task",
    "build_policy",
]
