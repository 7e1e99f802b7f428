"""The database of runs and data sets, in SQLite. Only this folder imports SQLAlchemy and Alembic.

Its functions take a connection. `Database.read` and `Database.write` call them.
"""

from lghrec_compute.server.store.database import Database
from lghrec_compute.server.store.datasets import dataset_names, forget_dataset, name_dataset
from lghrec_compute.server.store.events import append_events, events_after
from lghrec_compute.server.store.ingest import Record, ingest
from lghrec_compute.server.store.rows import EventRow, NewRun, RunRow, Submitted
from lghrec_compute.server.store.runs import (
    RunFilter,
    active_runs,
    delete_run,
    deleted_ids,
    end_run,
    find_run,
    get_run,
    list_runs,
    queued_before,
    queued_positions,
    request_cancel,
    start_next,
    unfinished_ids,
)
from lghrec_compute.server.store.submit import find_submitted, submit_run

__all__ = [
    "Database",
    "EventRow",
    "NewRun",
    "Record",
    "RunFilter",
    "RunRow",
    "Submitted",
    "active_runs",
    "append_events",
    "dataset_names",
    "delete_run",
    "deleted_ids",
    "end_run",
    "events_after",
    "find_run",
    "find_submitted",
    "forget_dataset",
    "get_run",
    "ingest",
    "list_runs",
    "name_dataset",
    "queued_before",
    "queued_positions",
    "request_cancel",
    "start_next",
    "submit_run",
    "unfinished_ids",
]
