"""All errors that LGHRec raises on purpose.

Each class is also a subclass of the standard exception that a Python user expects. `failure_kind` is the kind
that a failed run reports (`lghrec.v1.FailureKind`), and `hint` is the cure. Add a class only if a caller
handles it differently from the others. This module imports neither torch nor grpc.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

FailureKind: TypeAlias = Literal[
    "oom", "nan", "data", "disk", "llm", "worker_lost", "deadline", "user", "internal"
]
"""Kinds of failures that a run reports: the enum `lghrec.v1.FailureKind`."""


@dataclass(frozen=True)
class Violation:
    """One wrong field: its path from the spec's root in snake case, and what is wrong with it."""

    path: str
    description: str


class LghrecError(Exception):
    """Base class of all errors. An error of this class itself is a defect of LGHRec."""

    failure_kind: FailureKind = "internal"

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return self.message


class ConfigError(LghrecError, ValueError):
    """A request or a setting cannot be used. `violations` lists all wrong fields."""

    failure_kind = "user"

    def __init__(self, message: str, *, violations: tuple[Violation, ...] = (), hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.violations = violations

    @classmethod
    def at(cls, path: str, description: str, *, hint: str = "") -> ConfigError:
        """Return the error of one wrong field. The message is `path: description`."""
        return cls.of([Violation(path, description)], hint=hint)

    @classmethod
    def of(cls, violations: Iterable[Violation], *, hint: str = "correct the fields named") -> ConfigError:
        """Return one error for all these violations. The message joins them with semicolons."""
        found = tuple(violations)
        message = "; ".join(f"{v.path}: {v.description}" if v.path else v.description for v in found)
        return cls(message, violations=found, hint=hint)


class DataError(LghrecError, ValueError):
    """The data cannot be read, or no usable part of it is left."""

    failure_kind = "data"


class NotFoundError(LghrecError, KeyError):
    """No run, artifact or file has this name."""

    failure_kind = "user"

    def __init__(self, message: str, *, reason: str, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.reason = reason


class ConflictError(LghrecError, ValueError):
    """A request id was used again with another payload."""

    failure_kind = "user"


class TransitionError(LghrecError, RuntimeError):
    """The state of a run does not allow the operation."""

    failure_kind = "user"


class RunCancelled(LghrecError, RuntimeError):  # noqa: N818 - an outcome, not a fault
    """The run received a request to stop, and has stopped."""

    failure_kind = "user"


class NonFiniteError(LghrecError, ArithmeticError):
    """A loss, a score or an embedding is NaN or infinite."""

    failure_kind = "nan"


class DeviceError(LghrecError, RuntimeError):
    """The requested device is not available."""

    failure_kind = "user"


class MemoryLimitError(LghrecError, MemoryError):
    """The work does not fit into the free memory. A check raises this before the work starts."""

    failure_kind = "oom"


class DiskError(LghrecError, OSError):
    """No space is left, or the disk cannot be written."""

    failure_kind = "disk"


class IntegrityError(LghrecError, OSError):
    """Stored bytes do not match their recorded hash."""

    failure_kind = "data"
