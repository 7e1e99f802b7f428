"""Stores the records of a worker, each exactly once: the events and the new offset are one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection, update

from lghrec_compute.errors import IntegrityError
from lghrec_compute.events import CheckpointStored, Event, Finished, Progress, StateChanged
from lghrec_compute.json_types import canonical_json
from lghrec_compute.records import record_to_dict
from lghrec_compute.server.store.events import append_events
from lghrec_compute.server.store.rows import RunRow
from lghrec_compute.server.store.runs import get_run
from lghrec_compute.server.store.schema import runs
from lghrec_compute.server.store.states import State
from lghrec_compute.server.store.transitions import finish, move


@dataclass(frozen=True)
class Record:
    """One checked record: its number in the journal, its time, its event, and its end offset in bytes."""

    lseq: int
    time_ms: int
    event: Event
    end: int


def ingest(connection: Connection, run_id: str, offset: int, records: Sequence[Record]) -> RunRow:
    """Store the records that start at `offset` and return the changed run.

    Records that are already stored, or that come after the end of the run, change nothing. Raises
    `IntegrityError` if a number is missing or if a record changes the state along no edge.
    """
    run = get_run(connection, run_id)
    if run.terminal or run.journal_offset != offset or not records:
        return run
    expected = range(run.journal_lseq + 1, run.journal_lseq + 1 + len(records))
    if [record.lseq for record in records] != list(expected):
        raise IntegrityError(
            f"journal records are not consecutive: got number {records[0].lseq}, expected {expected[0]}"
        )
    _apply(connection, run, records)
    values = {"journal_offset": records[-1].end, "journal_lseq": records[-1].lseq, **_newest(records)}
    connection.execute(update(runs).where(runs.c.id == run_id).values(**values))
    return get_run(connection, run_id)


def _apply(connection: Connection, run: RunRow, records: Sequence[Record]) -> None:
    others: list[tuple[int, Event]] = []
    for record in records:
        match record.event:
            case StateChanged(state):
                append_events(connection, run.id, others)
                others = []
                _running(connection, run.id, state, record.time_ms)
            case Finished() as finished:
                append_events(connection, run.id, others)
                others = []
                checkpoint = _newest(records).get("last_checkpoint", run.last_checkpoint)
                _finished(connection, run.id, _with_checkpoint(finished, checkpoint), record.time_ms)
            case event:
                others.append((record.time_ms, event))
    append_events(connection, run.id, others)


def _running(connection: Connection, run_id: str, state: State, time_ms: int) -> None:
    if state != "running":
        raise IntegrityError(f"a worker can change the state to running only, got {state}")
    # A stopping run keeps its state: there is no edge to "running", so nothing is written.
    move(connection, run_id, "running", time_ms=time_ms, values={"start_ms": time_ms})


def _with_checkpoint(finished: Finished, checkpoint: str) -> Finished:
    failure = finished.failure
    if failure is None or failure.last_checkpoint:
        return finished
    return replace(finished, failure=replace(failure, last_checkpoint=checkpoint))


def _finished(connection: Connection, run_id: str, finished: Finished, time_ms: int) -> None:
    if not finish(connection, run_id, finished, time_ms=time_ms):
        state = get_run(connection, run_id).state
        raise IntegrityError(f"a worker cannot change a run from {state} to {finished.state}")


def _newest(records: Sequence[Record]) -> dict[str, str]:
    values: dict[str, str] = {}
    for record in records:
        match record.event:
            case Progress() as progress:
                values["progress"] = canonical_json(record_to_dict(progress))
            case CheckpointStored(name):
                values["last_checkpoint"] = name
            case _:
                pass
    return values
