"""Changes of a run's state. Each is one UPDATE with a condition on the present state, and one event."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, update

from lghrec_compute.events import Event, Finished, StateChanged
from lghrec_compute.json_types import canonical_json
from lghrec_compute.records import record_to_dict
from lghrec_compute.server.store.events import insert_events
from lghrec_compute.server.store.schema import runs
from lghrec_compute.server.store.states import State, sources


def move(
    connection: Connection,
    run_id: str,
    target: State,
    *,
    time_ms: int,
    event: Event | None = None,
    values: dict[str, Any] | None = None,
) -> bool:
    """Change the run's state to `target`. Return false and write nothing if the states have no such edge.

    `event` is the event to append. None means `StateChanged`. `values` are further columns to set.
    """
    head = connection.execute(
        update(runs)
        .where(runs.c.id == run_id, runs.c.state.in_(sources(target)))
        .values(state=target, head_seq=runs.c.head_seq + 1, **(values or {}))
        .returning(runs.c.head_seq)
    ).scalar()
    if head is None:
        return False
    insert_events(connection, run_id, head, [(time_ms, event or StateChanged(target))])
    return True


def finish(connection: Connection, run_id: str, finished: Finished, *, time_ms: int) -> bool:
    """End a run with its last event. Return false if its state has no such edge.

    A run that stops without a request also passes through STOPPING.
    """
    result, failure = finished.result, finished.failure
    values = {
        "end_ms": time_ms,
        "result": None if result is None else canonical_json(record_to_dict(result)),
        "failure": None if failure is None else canonical_json(record_to_dict(failure)),
    }
    if move(connection, run_id, finished.state, time_ms=time_ms, event=finished, values=values):
        return True
    if finished.state != "cancelled" or not move(connection, run_id, "stopping", time_ms=time_ms):
        return False
    return move(connection, run_id, finished.state, time_ms=time_ms, event=finished, values=values)
