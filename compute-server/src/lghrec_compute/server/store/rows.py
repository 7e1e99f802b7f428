"""Records that the store accepts and returns. No object of SQLAlchemy leaves this folder."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, cast

from lghrec_compute.events import Event, Failure, Progress
from lghrec_compute.json_types import Json
from lghrec_compute.records import record_from_dict
from lghrec_compute.results import RunResult
from lghrec_compute.server.store.states import ACTIVE, TERMINAL, State


@dataclass(frozen=True)
class NewRun:
    """A new run. `fingerprint` is the hash of everything that two requests of one run have in common."""

    id: str
    kind: str
    method: str
    request_id: str
    fingerprint: str
    spec: Json
    spec_digest: str
    labels: dict[str, str]
    reuse: bool


@dataclass(frozen=True)
class RunRow:
    """A stored run."""

    position: int
    id: str
    kind: str
    state: State
    labels: dict[str, str]
    spec: Json
    spec_digest: str
    reuse: bool
    result: RunResult | None
    failure: Failure | None
    progress: Progress | None
    last_checkpoint: str
    head_seq: int
    journal_offset: int
    journal_lseq: int
    cancel_mode: str | None
    cancel_ms: int | None
    create_ms: int
    start_ms: int | None
    end_ms: int | None

    @property
    def terminal(self) -> bool:
        """Whether the run has ended."""
        return self.state in TERMINAL

    @property
    def active(self) -> bool:
        """Whether the run may have a live worker."""
        return self.state in ACTIVE


@dataclass(frozen=True)
class EventRow:
    """One event of a run's log, with its number and time."""

    seq: int
    time_ms: int
    event: Event


@dataclass(frozen=True)
class Submitted:
    """The run of a request id, and whether an earlier request had already started it."""

    run: RunRow
    deduplicated: bool


_RECORDS = {"result": RunResult, "failure": Failure, "progress": Progress}


def run_row(row: Any) -> RunRow:
    """Return a row of the table `runs` as a record."""
    values = dict(row._mapping)
    for name in ("labels", "spec"):
        values[name] = json.loads(values[name])
    for name, record_type in _RECORDS.items():
        stored = values[name]
        values[name] = None if stored is None else record_from_dict(record_type, json.loads(stored))
    del values["request_id"]
    return RunRow(**{**values, "state": cast(State, values["state"])})
