"""Events of a run: one record for each message of `lghrec/v1/run_event.proto`, with the same name and fields.

Pipelines emit these records, the worker writes them into the run's journal, and the server reads, stores and
sends them. In JSON an event is {"<case>": {...}}, where the case is that of `RunEvent.body` in the contract.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from lghrec_compute.errors import FailureKind
from lghrec_compute.json_types import Json
from lghrec_compute.records import record_from_dict, record_to_dict
from lghrec_compute.results import ArtifactRef, RunResult

RunState: TypeAlias = Literal["queued", "starting", "running", "stopping", "succeeded", "failed", "cancelled"]
FinalState: TypeAlias = Literal["succeeded", "failed", "cancelled"]
LogLevel: TypeAlias = Literal["debug", "info", "warning", "error"]


@dataclass(frozen=True)
class StateChanged:
    """The run has a new state."""

    state: RunState


@dataclass(frozen=True)
class Progress:
    """`done` of `total` units of `phase` are finished. `total` 0 and `eta_ms` None mean unknown."""

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
    """One line of text for a person."""

    line: str
    level: LogLevel = "info"


@dataclass(frozen=True)
class CheckpointStored:
    """A checkpoint was written to the run's checkpoint folder, after `epoch` finished epochs."""

    name: str
    epoch: int
    manifest_sha256: str


@dataclass(frozen=True)
class ArtifactStored:
    """An artifact was written to the store."""

    artifact: ArtifactRef


@dataclass(frozen=True)
class WarningRaised:
    """A problem that did not stop the run. `code` is in lower_snake_case."""

    code: str
    message: str


@dataclass(frozen=True)
class Failure:
    """Reason why a run failed.

    `hint` is the cure. `last_checkpoint` is the name of the newest checkpoint, "" if there is none.
    """

    kind: FailureKind
    message: str
    traceback: str = ""
    last_checkpoint: str = ""
    hint: str = ""


@dataclass(frozen=True)
class Finished:
    """The last event of a run.

    A succeeded run has a result, a failed run has a failure, and a cancelled run has neither.
    """

    state: FinalState
    result: RunResult | None = None
    failure: Failure | None = None

    def __post_init__(self) -> None:
        if (self.state == "succeeded") != (self.result is not None):
            expected = "a result" if self.state == "succeeded" else "None"
            raise ValueError(f"result of a {self.state} run: got {self.result!r}, expected {expected}")
        if (self.state == "failed") != (self.failure is not None):
            expected = "a failure" if self.state == "failed" else "None"
            raise ValueError(f"failure of a {self.state} run: got {self.failure!r}, expected {expected}")


Event: TypeAlias = (
    StateChanged | Progress | Metric | Log | CheckpointStored | ArtifactStored | WarningRaised | Finished
)
Emit: TypeAlias = Callable[[Event], None]

_CASES: dict[str, type[Event]] = {
    "state": StateChanged,
    "progress": Progress,
    "metric": Metric,
    "log": Log,
    "checkpoint": CheckpointStored,
    "artifact": ArtifactStored,
    "warning": WarningRaised,
    "finished": Finished,
}
_CASE_OF: dict[type[Event], str] = {event_type: case for case, event_type in _CASES.items()}
assert set(_CASE_OF) == set(get_args(Event)), "every event has a case"


def event_to_dict(event: Event) -> Json:
    """Return an event as JSON: {"<case>": {...}}."""
    return {_CASE_OF[type(event)]: record_to_dict(event)}


def event_from_dict(body: object) -> Event:
    """Build an event from JSON, the inverse of `event_to_dict`.

    Raises `ValueError` for an unknown case, for zero or several cases, and for wrong fields.
    """
    if not isinstance(body, dict) or len(body) != 1:
        raise ValueError(f"event: got {str(body)[:100]!r}, expected an object with exactly one case")
    ((case, fields),) = body.items()
    if case not in _CASES:
        raise ValueError(f"event: got case {case!r}, expected one of {', '.join(_CASES)}")
    return record_from_dict(_CASES[case], fields)
