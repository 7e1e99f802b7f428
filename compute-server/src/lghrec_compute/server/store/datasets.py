"""Names of uploaded data sets, and which of them are deleted or needed by a run."""

from __future__ import annotations

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from lghrec_compute.errors import ConfigError, Violation
from lghrec_compute.json_types import Json
from lghrec_compute.server.errors import InUseError
from lghrec_compute.server.store.schema import datasets, runs
from lghrec_compute.server.store.states import TERMINAL


def name_dataset(connection: Connection, dataset_id: str, name: str) -> None:
    """Store the name of a data set whose upload begins."""
    statement = upsert(datasets).values(id=dataset_id, name=name)
    row = {"name": name, "delete_ms": None}
    connection.execute(statement.on_conflict_do_update(index_elements=["id"], set_=row))


def dataset_names(connection: Connection) -> dict[str, str]:
    """Return the names of all data sets that have not been deleted, by id."""
    query = select(datasets.c.id, datasets.c.name).where(datasets.c.delete_ms.is_(None))
    return dict(connection.execute(query).tuples().all())


def forget_dataset(connection: Connection, dataset_id: str, time_ms: int) -> bool:
    """Mark a data set as deleted. Return false if it has never existed.

    Raises `InUseError` if a run that has not ended names it.
    """
    # A search in the text of the spec is enough: only fields of uploads contain the id of an upload.
    needed = select(runs.c.id).where(runs.c.state.not_in(TERMINAL), runs.c.spec.contains(dataset_id))
    run_id = connection.execute(needed.order_by(runs.c.position).limit(1)).scalar()
    if run_id is not None:
        raise InUseError(
            f"data set {dataset_id[:12]} is needed by run {run_id}, which has not ended",
            hint="wait for the run, or cancel it",
        )
    mark = update(datasets).where(datasets.c.id == dataset_id).values(delete_ms=time_ms)
    return connection.execute(mark).rowcount > 0


def check_uploads(connection: Connection, spec: Json) -> None:
    """Raise `ConfigError` if a spec names a deleted data set.

    Called in the transaction that accepts the run, because a data set may be deleted after the spec has been
    checked.
    """
    named = {f"{part}.upload": (spec.get(part) or {}).get("upload") for part in ("source", "predictions")}
    query = select(datasets.c.id).where(datasets.c.delete_ms.is_not(None), datasets.c.id.in_(named.values()))
    deleted = set(connection.execute(query).scalars())
    if found := [Violation(path, f"no artifact {one!r}") for path, one in named.items() if one in deleted]:
        raise ConfigError.of(found, hint="upload the data set again")
