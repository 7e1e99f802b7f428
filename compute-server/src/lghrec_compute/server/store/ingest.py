"""Takes a worker's records over, each exactly once: events and the new offset are one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, update

from lghrec_compute.errors import IntegrityError
from lghrec_compute.json_types import Json, canonical_json
from lghrec_compute.server.store.events import append_events
from lghrec_compute.server.store.rows import RunRow
from lghrec_compute.server.store.runs import get_run
from lghrec_compute.server.store.schema import runs
from lghrec_compute.server.store.transitions import finish, move


@dataclass(frozen=True)
class Record:
    """One checked record: its number in the journal, its time, one case of `RunEvent.body`, where it ends."""

    lseq: int
    time_ms: int
    body: Json
    end: int


def ingest(connection: Connection, run_id: str, offset: int, records: Sequence[Record]) -> RunRow:
    """Applies records read from `offset` on and returns the run as it is then.

    Records that are already in, or that come after the run's end, change nothing. Raises `IntegrityError`
    when the records do not follow each other or ask for an edge that there is not.
    """
    run = get_run(connection, run_id)
    if run.terminal or run.journal_offset != offset or not records:
        return run
    expected = range(run.journal_lseq + 1, run.journal_lseq + 1 + len(records))
    if [record.lseq for record in records] != list(expected):
        raise IntegrityError(
            f"journal records do not follow each other: got {records[0].lseq}, expected {expected[0]}"
        )
    _apply(connection, run, records)
    values = {"journal_offset": records[-1].end, "journal_lseq": records[-1].lseq, **_newest(records)}
    connection.execute(update(runs).where(runs.c.id == run_id).values(**values))
    return get_run(connection, run_id)


def _apply(connection: Connection, run: RunRow, records: Sequence[Record]) -> None:
    plain: list[tuple[int, Json]] = []
    for record in records:
        if "state_changed" in record.body:
            append_events(connection, run.id, plain)
            plain = []
            _running(connection, run.id, record)
        elif "finished" in record.body:
            append_events(connection, run.id, plain)
            plain = []
            _finished(connection, run, records, record)
        else:
            plain.append((record.time_ms, record.body))
    append_events(connection, run.id, plain)


def _running(connection: Connection, run_id: str, record: Record) -> None:
    if record.body["state_changed"]["state"] != "running":
        raise IntegrityError("a worker changes no state but to running")
    # A run that is being stopped does not say that it runs.
    move(connection, run_id, "running", time_ms=record.time_ms, values={"start_ms": record.time_ms})


def _finished(connection: Connection, run: RunRow, records: Sequence[Record], record: Record) -> None:
    finished = record.body["finished"]
    checkpoint = _newest(records).get("last_checkpoint", run.last_checkpoint)
    if "failure" in finished and not finished["failure"].get("last_checkpoint") and checkpoint:
        finished = {**finished, "failure": {**finished["failure"], "last_checkpoint": checkpoint}}
    if not finish(connection, run.id, finished, time_ms=record.time_ms):
        state = get_run(connection, run.id).state
        raise IntegrityError(f"a worker cannot end a run as {finished['state']} that is {state}")


def _newest(records: Sequence[Record]) -> dict[str, str]:
    values: dict[str, str] = {}
    for record in records:
        if "progress" in record.body:
            values["progress"] = canonical_json(record.body["progress"])
        elif "checkpoint" in record.body:
            values["last_checkpoint"] = record.body["checkpoint"].get("name", "")
    return values
