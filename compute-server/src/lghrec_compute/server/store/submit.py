"""Acceptance of runs, at most once for each request id."""

from __future__ import annotations

from sqlalchemy import Connection, insert, select
from sqlalchemy.dialects.sqlite import insert as upsert

from lghrec_compute.errors import ConflictError, NotFoundError
from lghrec_compute.events import StateChanged
from lghrec_compute.json_types import canonical_json
from lghrec_compute.server.store.datasets import check_uploads
from lghrec_compute.server.store.events import insert_events
from lghrec_compute.server.store.rows import NewRun, RunRow, Submitted
from lghrec_compute.server.store.runs import find_run, get_run
from lghrec_compute.server.store.schema import idempotency, run_labels, runs


def find_submitted(connection: Connection, new: NewRun, *, rerun: bool) -> RunRow | None:
    """Return the run that `new.request_id` has started, None if a new run may start.

    With `rerun`, a new run may replace one that has failed, been cancelled or been deleted. Raises
    `ConflictError` if the request id was used with another payload, `NotFoundError` if its run has been
    deleted.
    """
    known = connection.execute(select(idempotency).where(idempotency.c.request_id == new.request_id)).first()
    if known is None:
        return None
    if (known.method, known.fingerprint) != (new.method, new.fingerprint):
        raise ConflictError(
            f"request id {new.request_id!r} was used with another payload before, by run {known.run_id}",
            hint="send the same request again, or use a new request id",
        )
    run = find_run(connection, known.run_id)
    if run is None and not rerun:
        raise NotFoundError(
            f"the run of request id {new.request_id!r} has been deleted: {known.run_id}",
            reason="RUN_UNKNOWN",
            hint="use a new request id, or set rerun to failed",
        )
    if rerun and (run is None or run.state in ("failed", "cancelled")):
        return None
    return run


def submit_run(connection: Connection, new: NewRun, *, rerun: bool, time_ms: int) -> Submitted:
    """Queue a run, or return the run that its request id has started.

    Raises the errors of `find_submitted` and, for a new run, of `check_uploads`.
    """
    known = find_submitted(connection, new, rerun=rerun)
    if known is not None:
        return Submitted(known, deduplicated=True)
    check_uploads(connection, new.spec)
    connection.execute(
        insert(runs).values(
            id=new.id,
            kind=new.kind,
            state="queued",
            labels=canonical_json(new.labels),
            spec=canonical_json(new.spec),
            spec_digest=new.spec_digest,
            reuse=new.reuse,
            request_id=new.request_id,
            head_seq=1,
            create_ms=time_ms,
        )
    )
    insert_events(connection, new.id, 1, [(time_ms, StateChanged("queued"))])
    if new.labels:
        labels = [{"run_id": new.id, "key": key, "value": value} for key, value in new.labels.items()]
        connection.execute(insert(run_labels), labels)
    _remember(connection, new)
    return Submitted(get_run(connection, new.id), deduplicated=False)


def _remember(connection: Connection, new: NewRun) -> None:
    row = {"method": new.method, "fingerprint": new.fingerprint, "run_id": new.id}
    statement = upsert(idempotency).values(request_id=new.request_id, **row)
    connection.execute(statement.on_conflict_do_update(index_elements=["request_id"], set_=row))
