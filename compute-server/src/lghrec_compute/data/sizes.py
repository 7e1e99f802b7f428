"""Sizes of generated data sets: the named ones, and the check of any.

Imports nothing but the standard library, as `source` does.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol

from lghrec_compute.errors import ConfigError, Violation
from lghrec_compute.json_types import json_sha256

NAMED_SIZES = {
    "yelp2018-size": (277_631, 112_394, 4_250_483),
    "amazon-book-size": (1_856_344, 704_093, 27_164_983),
    "mind-size": (47_495, 28_420, 5_311_336),
}
"""Users, items and interactions of the paper's data sets (its Table 3)."""

MAX_FILL = 0.25
"""Largest share of all user-item pairs that may be interactions: above it a user's taste has no meaning."""
MAX_CATEGORIES = 1000
_CODE = ("generate.py", "vocabulary.py")


class GeneratorSpec(Protocol):
    """A named size, or numbers; numbers beside a name replace its own."""

    @property
    def size(self) -> str | None: ...
    @property
    def users(self) -> int | None: ...
    @property
    def items(self) -> int | None: ...
    @property
    def interactions(self) -> int | None: ...
    @property
    def categories(self) -> int | None: ...
    @property
    def cold_items(self) -> float | None: ...
    @property
    def seed(self) -> int | None: ...


@dataclass(frozen=True)
class Sizes:
    """What is to be generated; `cold_items` is the share of items that only test knows, in [0, 1)."""

    name: str
    users: int
    items: int
    interactions: int
    categories: int = 20
    cold_items: float = 0.0
    seed: int = 0


def resolve_sizes(spec: GeneratorSpec) -> Sizes:
    """All numbers of a generator. Raises `ConfigError` with every violation."""
    if spec.size and spec.size not in NAMED_SIZES:
        raise _refusal([("size", f"got {spec.size!r}, expected one of {', '.join(NAMED_SIZES)}")])
    given = (spec.users, spec.items, spec.interactions)
    named = NAMED_SIZES[spec.size] if spec.size else (None, None, None)
    users, items, interactions = (own if own else default for own, default in zip(given, named, strict=True))
    if not users or not items or not interactions:
        raise _refusal([("size", "got none, expected a named size, or users, items and interactions")])
    name = spec.size or f"generated-{users}x{items}x{interactions}"
    categories = spec.categories or Sizes.categories
    sizes = Sizes(name, users, items, interactions, categories, spec.cold_items or 0.0, spec.seed or 0)
    if problems := _problems(sizes):
        raise _refusal(problems)
    return sizes


def generator_digest(sizes: Sizes) -> str:
    """SHA-256 of the numbers and of the code that turns them into a data set."""
    here = Path(__file__).parent
    code = {name: hashlib.sha256((here / name).read_bytes()).hexdigest() for name in _CODE}
    return json_sha256({"sizes": asdict(sizes), "code": code})


def _problems(sizes: Sizes) -> list[tuple[str, str]]:
    problems: list[tuple[str, str]] = []
    most = int(sizes.users * sizes.items * MAX_FILL)
    if not sizes.users <= sizes.interactions <= most:
        expected = f"{sizes.users:,} (one a user) to {most:,} ({MAX_FILL:.0%} of all pairs)"
        problems.append(("interactions", f"got {sizes.interactions:,}, expected {expected}"))
    if not 1 <= sizes.categories <= MAX_CATEGORIES:
        problems.append(("categories", f"got {sizes.categories}, expected 1 to {MAX_CATEGORIES}"))
    if not 0 <= sizes.cold_items < 1:
        problems.append(("cold_items", f"got {sizes.cold_items:g}, expected at least 0 and less than 1"))
    return problems


def _refusal(problems: list[tuple[str, str]]) -> ConfigError:
    return ConfigError.of(Violation(f"source.generator.{name}", text) for name, text in problems)
