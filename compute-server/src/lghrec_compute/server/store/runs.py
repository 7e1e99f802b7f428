"""Reading runs, and the operations of the scheduler and of `RunService`."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from sqlalchemy import Connection, delete, func, insert, select, update

from lghrec_compute.errors import NotFoundError, TransitionError
from lghrec_compute.events import Finished, Log, WarningRaised
from lghrec_compute.server.store.events import append_events
from lghrec_compute.server.store.rows import RunRow, run_row
from lghrec_compute.server.store.schema import deleted_runs, run_labels, runs
from lghrec_compute.server.store.states import ACTIVE, State
from lghrec_compute.server.store.transitions import finish, move


@dataclass(frozen=True)
class RunFilter:
    """Which runs to list. An empty field does not filter."""

    kinds: Collection[str] = ()
    states: Collection[State] = ()
    labels: dict[str, str] = field(default_factory=dict)


def find_run(connection: Connection, run_id: str) -> RunRow | None:
    """Return one run, None if it does not exist."""
    row = connection.execute(select(runs).where(runs.c.id == run_id)).first()
    return None if row is None else run_row(row)


def get_run(connection: Connection, run_id: str) -> RunRow:
    """Return one run. Raises `NotFoundError`."""
    run = find_run(connection, run_id)
    if run is None:
        raise NotFoundError(
            f"no run {run_id[:64]!r}", reason="RUN_UNKNOWN", hint="list the runs to find the id"
        )
    return run


def list_runs(connection: Connection, wanted: RunFilter, before: int | None, limit: int) -> list[RunRow]:
    """Return at most `limit` runs, newest first, accepted before the position `before`."""
    query = select(runs).order_by(runs.c.position.desc()).limit(limit)
    if before is not None:
        query = query.where(runs.c.position < before)
    if wanted.kinds:
        query = query.where(runs.c.kind.in_(wanted.kinds))
    if wanted.states:
        query = query.where(runs.c.state.in_(wanted.states))
    for key, value in wanted.labels.items():
        carriers = select(run_labels.c.run_id).where(run_labels.c.key == key, run_labels.c.value == value)
        query = query.where(runs.c.id.in_(carriers))
    return [run_row(row) for row in connection.execute(query)]


def queued_before(connection: Connection, position: int) -> int:
    """Return the number of queued runs that were accepted before `position`."""
    query = select(func.count()).where(runs.c.state == "queued", runs.c.position < position)
    return connection.execute(query.select_from(runs)).scalar_one()


def queued_positions(connection: Connection) -> list[int]:
    """Return the positions of all queued runs, oldest first."""
    query = select(runs.c.position).where(runs.c.state == "queued").order_by(runs.c.position)
    return list(connection.execute(query).scalars())


def active_runs(connection: Connection) -> list[RunRow]:
    """Return the runs that may have a worker, oldest first."""
    query = select(runs).where(runs.c.state.in_(ACTIVE)).order_by(runs.c.position)
    return [run_row(row) for row in connection.execute(query)]


def start_next(connection: Connection, time_ms: int) -> RunRow | None:
    """Change the oldest queued run to state STARTING and return it, None if no run is queued."""
    query = select(runs.c.id).where(runs.c.state == "queued").order_by(runs.c.position).limit(1)
    run_id = connection.execute(query).scalar()
    if run_id is None:
        return None
    move(connection, run_id, "starting", time_ms=time_ms)
    return get_run(connection, run_id)


def request_cancel(connection: Connection, run_id: str, mode: str, reason: str, time_ms: int) -> RunRow:
    """Store the request to stop a run. A queued run ends at once; an ended run does not change.

    The mode "now" replaces "graceful", but "graceful" does not replace "now".
    """
    run = get_run(connection, run_id)
    if run.terminal:
        return run
    if reason and run.state != "stopping":
        line = f"cancel requested: {reason}"
        append_events(connection, run_id, [(time_ms, Log(line))])
    if run.state == "queued":
        finish(connection, run_id, Finished("cancelled"), time_ms=time_ms)
    elif run.state == "stopping":
        _set_cancel_mode(connection, run, mode)
    else:
        values = {"cancel_mode": mode, "cancel_ms": time_ms}
        move(connection, run_id, "stopping", time_ms=time_ms, values=values)
    return get_run(connection, run_id)


def end_run(
    connection: Connection, run_id: str, finished: Finished, warning: WarningRaised | None, time_ms: int
) -> bool:
    """End a run whose worker has not reported its end. Return false if the run has already ended."""
    if warning is not None:
        append_events(connection, run_id, [(time_ms, warning)])
    return finish(connection, run_id, finished, time_ms=time_ms)


def delete_run(connection: Connection, run_id: str, time_ms: int) -> None:
    """Delete an ended run with its events. A second call changes nothing.

    Its request id stays in use, so that a delayed copy of the start request starts nothing. Raises
    `TransitionError` for a run that has not ended.
    """
    if connection.execute(select(deleted_runs).where(deleted_runs.c.run_id == run_id)).first():
        return
    run = get_run(connection, run_id)
    if not run.terminal:
        raise TransitionError(
            f"cannot delete run {run_id}: got state {run.state}, expected an ended run",
            hint="cancel it first",
        )
    connection.execute(insert(deleted_runs).values(run_id=run_id, delete_ms=time_ms))
    connection.execute(delete(runs).where(runs.c.id == run_id))


def unfinished_ids(connection: Connection) -> set[str]:
    """Return the ids of all runs that have not ended."""
    query = select(runs.c.id).where(runs.c.state.in_([*ACTIVE, "queued"]))
    return set(connection.execute(query).scalars())


def deleted_ids(connection: Connection) -> set[str]:
    """Return the ids of all deleted runs."""
    return set(connection.execute(select(deleted_runs.c.run_id)).scalars())


def _set_cancel_mode(connection: Connection, run: RunRow, mode: str) -> None:
    if mode == "now" or run.cancel_mode is None:
        connection.execute(update(runs).where(runs.c.id == run.id).values(cancel_mode=mode))
