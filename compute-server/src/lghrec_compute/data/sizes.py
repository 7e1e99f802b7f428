"""Sizes of generated data sets: the named sizes with their numbers, and the check of any size.

Imports neither polars nor numpy, as `source` does.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

from lghrec_compute.errors import ConfigError
from lghrec_compute.json_types import json_sha256
from lghrec_compute.spec.source import GENERATOR_SIZES, GeneratorSpec

MAX_FILL = 0.25
"""Maximum share of all user-item pairs that are interactions. Above it, a user's categories have no
effect."""


@dataclass(frozen=True)
class Sizes:
    """All numbers of a generated data set. `cold_items` is the share of items that only test contains, in [0,
    1)."""

    name: str
    users: int
    items: int
    interactions: int
    categories: int
    cold_items: float
    seed: int


def resolve_sizes(spec: GeneratorSpec) -> Sizes:
    """Return all numbers of a generator. Raises `ConfigError` for too few or too many interactions."""
    given = (spec.users, spec.items, spec.interactions)
    named = GENERATOR_SIZES[spec.size] if spec.size else (0, 0, 0)  # without a size, a spec gives all three
    users, items, interactions = (own or default for own, default in zip(given, named, strict=True))
    name = spec.size or f"generated-{users}x{items}x{interactions}"
    most = int(users * items * MAX_FILL)
    if not users <= interactions <= most:
        expected = f"{users:,} (one per user) to {most:,} ({MAX_FILL:.0%} of all pairs)"
        raise ConfigError.at("source.generator.interactions", f"got {interactions:,}, expected {expected}")
    return Sizes(name, users, items, interactions, spec.categories, spec.cold_items, spec.seed)


def generator_digest(sizes: Sizes) -> str:
    """Return the SHA-256 of the numbers, from which the generator computes its data set."""
    return json_sha256(asdict(sizes))
