"""The events of runs. Each new event gets the next number of its run, in the caller's transaction."""

from __future__ import annotations

import json
from collections.abc import Sequence

from sqlalchemy import Connection, insert, select, update

from lghrec_compute.events import Event, event_from_dict, event_to_dict
from lghrec_compute.json_types import canonical_json
from lghrec_compute.server.store.rows import EventRow
from lghrec_compute.server.store.schema import events, runs
from lghrec_compute.server.store.states import TERMINAL


def append_events(connection: Connection, run_id: str, new: Sequence[tuple[int, Event]]) -> bool:
    """Append pairs of a time in ms and an event. Return false and write nothing if the run has ended."""
    if not new:
        return True
    head = connection.execute(
        update(runs)
        .where(runs.c.id == run_id, runs.c.state.not_in(TERMINAL))
        .values(head_seq=runs.c.head_seq + len(new))
        .returning(runs.c.head_seq)
    ).scalar()
    if head is None:
        return False
    insert_events(connection, run_id, head - len(new) + 1, new)
    return True


def insert_events(
    connection: Connection, run_id: str, first_seq: int, new: Sequence[tuple[int, Event]]
) -> None:
    """Write events whose numbers the caller has already reserved in `runs.head_seq`."""
    rows = [
        {
            "run_id": run_id,
            "seq": first_seq + i,
            "time_ms": time_ms,
            "body": canonical_json(event_to_dict(event)),
        }
        for i, (time_ms, event) in enumerate(new)
    ]
    connection.execute(insert(events), rows)


def events_after(connection: Connection, run_id: str, after_seq: int, limit: int) -> list[EventRow]:
    """Return at most `limit` events after a number, in order."""
    found = connection.execute(
        select(events.c.seq, events.c.time_ms, events.c.body)
        .where(events.c.run_id == run_id, events.c.seq > after_seq)
        .order_by(events.c.seq)
        .limit(limit)
    )
    return [EventRow(seq, time_ms, event_from_dict(json.loads(body))) for seq, time_ms, body in found]
