"""Changes of a run's state. Each is one UPDATE with a condition on the present state, and one event."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, update

from lghrec_compute.json_types import Json, canonical_json
from lghrec_compute.server.store.events import insert_events
from lghrec_compute.server.store.schema import runs
from lghrec_compute.server.store.states import TERMINAL, State, sources


def move(
    connection: Connection,
    run_id: str,
    target: State,
    *,
    time_ms: int,
    body: Json | None = None,
    values: dict[str, Any] | None = None,
) -> bool:
    """Change the run's state to `target`. Return false and write nothing if the states have no such edge.

    `body` is the event to append. None means `state_changed`. `values` are further columns to set.
    """
    head = connection.execute(
        update(runs)
        .where(runs.c.id == run_id, runs.c.state.in_(sources(target)))
        .values(state=target, head_seq=runs.c.head_seq + 1, **(values or {}))
        .returning(runs.c.head_seq)
    ).scalar()
    if head is None:
        return False
    event = body or {"state_changed": {"state": target}}
    insert_events(connection, run_id, head, [(time_ms, event)])
    return True


def finish(connection: Connection, run_id: str, finished: Json, *, time_ms: int) -> bool:
    """End a run with the content of its `finished` event. Return false if its state has no such edge.

    A run that stops without a request also passes through STOPPING.
    """
    target: State = finished["state"]
    assert target in TERMINAL, target
    result, failure = finished.get("result"), finished.get("failure")
    values = {
        "end_ms": time_ms,
        "result": None if result is None else canonical_json(result),
        "failure": None if failure is None else canonical_json(failure),
    }
    body = {"finished": finished}
    if move(connection, run_id, target, time_ms=time_ms, body=body, values=values):
        return True
    if target != "cancelled" or not move(connection, run_id, "stopping", time_ms=time_ms):
        return False
    return move(connection, run_id, target, time_ms=time_ms, body=body, values=values)
