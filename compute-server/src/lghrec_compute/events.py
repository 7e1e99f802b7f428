"""What a run tells while it works: the bodies of `lghrec.v1.RunEvent`, in plain Python.

Science rooms emit these records and know nothing of journals or wires. Field names equal the proto's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias


@dataclass(frozen=True)
class Progress:
    """`done` of `total` units of `phase`; `total` 0 and `eta_ms` None mean unknown."""

    phase: str
    done: int
    total: int = 0
    eta_ms: int | None = None


@dataclass(frozen=True)
class Metric:
    """A named value at an epoch, counted from 1."""

    name: str
    value: float
    step: int


@dataclass(frozen=True)
class Log:
    """One line for a person."""

    line: str
    level: Literal["debug", "info", "warning", "error"] = "info"


@dataclass(frozen=True)
class Checkpoint:
    """A checkpoint has been committed under the run's checkpoint folder."""

    name: str
    epoch: int
    manifest_sha256: str


@dataclass(frozen=True)
class ArtifactStored:
    """An artifact has been committed to the store."""

    id: str
    kind: str
    size_bytes: int


@dataclass(frozen=True)
class Warn:
    """Something a person should know; `code` is lower_snake_case."""

    code: str
    message: str


Event: TypeAlias = Progress | Metric | Log | Checkpoint | ArtifactStored | Warn
Emit: TypeAlias = Callable[[Event], None]
