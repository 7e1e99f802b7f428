"""The tables. Times are Unix milliseconds, JSON is canonical text, `position` is the order of acceptance."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
)

metadata = MetaData()

runs = Table(
    "runs",
    metadata,
    Column("position", Integer, primary_key=True, autoincrement=True),
    Column("id", String, nullable=False, unique=True),
    Column("kind", String, nullable=False),
    Column("state", String, nullable=False),
    Column("labels", Text, nullable=False),
    Column("spec", Text, nullable=False),
    Column("spec_digest", String, nullable=False),
    Column("reuse", Boolean, nullable=False),
    Column("request_id", String, nullable=False),
    Column("result", Text),
    Column("failure", Text),
    Column("progress", Text),
    Column("last_checkpoint", String, nullable=False, server_default=""),
    Column("head_seq", Integer, nullable=False),
    # How far the journal has been stored: its offset in bytes, and the number of the last record.
    Column("journal_offset", Integer, nullable=False, server_default="0"),
    Column("journal_lseq", Integer, nullable=False, server_default="0"),
    # Requested stop: null, "graceful" or "now". Stored so that it survives a restart of the server.
    Column("cancel_mode", String),
    Column("cancel_ms", Integer),
    Column("create_ms", Integer, nullable=False),
    Column("start_ms", Integer),
    Column("end_ms", Integer),
    Index("runs_by_state", "state", "position"),
    sqlite_autoincrement=True,
)

run_labels = Table(
    "run_labels",
    metadata,
    Column("run_id", String, ForeignKey("runs.id", ondelete="CASCADE"), nullable=False),
    Column("key", String, nullable=False),
    Column("value", String, nullable=False),
    PrimaryKeyConstraint("run_id", "key"),
    Index("run_labels_by_value", "key", "value"),
)

events = Table(
    "events",
    metadata,
    Column("run_id", String, ForeignKey("runs.id", ondelete="CASCADE"), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("time_ms", Integer, nullable=False),
    Column("body", Text, nullable=False),
    PrimaryKeyConstraint("run_id", "seq"),
    sqlite_with_rowid=False,
)

idempotency = Table(
    "idempotency",
    metadata,
    Column("request_id", String, primary_key=True),
    Column("method", String, nullable=False),
    Column("fingerprint", String, nullable=False),
    # No foreign key: the request id stays in use after its run has been deleted.
    Column("run_id", String, nullable=False),
)

deleted_runs = Table(
    "deleted_runs",
    metadata,
    Column("run_id", String, primary_key=True),
    Column("delete_ms", Integer, nullable=False),
)

datasets = Table(
    "datasets",
    metadata,
    # The files of a data set are an artifact; this table adds its name. A row stays after the deletion.
    Column("id", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("delete_ms", Integer),
)
