"""Storing a journal, cancelling and deleting runs; the schema and its migrations."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from lghrec_compute.errors import ConfigError, IntegrityError, NotFoundError, TransitionError
from lghrec_compute.events import CheckpointStored, Event, Failure, Finished, Metric, StateChanged
from lghrec_compute.results import ArtifactRef, RunResult, TrainResult
from lghrec_compute.server.store import (
    Database,
    NewRun,
    Record,
    delete_run,
    events_after,
    get_run,
    ingest,
    request_cancel,
    start_next,
    submit_run,
)
from lghrec_compute.server.store.migrate import SCHEMAS
from lghrec_compute.server.store.schema import metadata

MODEL = ArtifactRef("ab" * 32, "model", 7)
RESULT = RunResult(train=TrainResult(MODEL, 3, 5, {"ndcg@20": 0.5}, 1.5, "cpu", 1))
RUNNING = StateChanged("running")
SUCCEEDED = Finished("succeeded", result=RESULT)


@pytest.fixture
def database(tmp_path: Path):
    opened = Database(tmp_path / "state.db")
    yield opened
    opened.close()


async def started(database: Database, run_id: str = "r") -> str:
    new = NewRun(run_id, "train", "StartTrain", run_id, "f", {}, "d", {"a": "b"}, True)
    await database.write(submit_run, new, rerun=False, time_ms=1)
    await database.write(start_next, 2)
    return run_id


def journal(*events: Event, first: int = 1) -> list[Record]:
    """Return records of ten bytes each."""
    return [Record(first + i, 5, event, (first + i) * 10) for i, event in enumerate(events)]


def metric(step: int) -> Metric:
    return Metric("loss/total", 0.5, step)


def checkpoint(name: str) -> CheckpointStored:
    return CheckpointStored(name, 1, "0" * 64)


async def test_ingest_twice_from_one_offset_adds_nothing_the_second_time(database: Database):
    await started(database)
    records = journal(RUNNING, metric(1), checkpoint("e1"))
    first = await database.write(ingest, "r", 0, records)
    again = await database.write(ingest, "r", 0, records)
    # queued, starting, running, metric, checkpoint
    assert first == again
    assert (first.head_seq, first.journal_offset, first.journal_lseq) == (5, 30, 3)
    assert (first.state, first.last_checkpoint, first.start_ms) == ("running", "e1", 5)


async def test_ingest_of_a_record_out_of_order_changes_nothing(database: Database):
    await started(database)
    await database.write(ingest, "r", 0, journal(RUNNING))
    with pytest.raises(IntegrityError, match="got number 3, expected 2"):
        await database.write(ingest, "r", 10, journal(metric(1), first=3))
    assert (await database.read(get_run, "r")).head_seq == 3


async def test_a_success_of_a_run_that_never_ran_is_rejected_with_all_records(database: Database):
    await started(database)
    with pytest.raises(IntegrityError, match="from starting to succeeded"):
        await database.write(ingest, "r", 0, journal(metric(1), SUCCEEDED))
    run = await database.read(get_run, "r")
    assert (run.state, run.head_seq, run.journal_offset) == ("starting", 2, 0)


async def test_a_failure_names_the_newest_checkpoint(database: Database):
    await started(database)
    failed = Finished("failed", failure=Failure("nan", "m"))
    run = await database.write(ingest, "r", 0, journal(RUNNING, checkpoint("e7"), failed))
    assert run.failure == Failure("nan", "m", last_checkpoint="e7")
    assert (run.state, run.end_ms) == ("failed", 5)


async def test_a_success_that_was_written_before_the_stop_counts(database: Database):
    await started(database)
    await database.write(ingest, "r", 0, journal(RUNNING))
    await database.write(request_cancel, "r", "graceful", "enough", 6)
    run = await database.write(ingest, "r", 10, journal(SUCCEEDED, first=2))
    assert (run.state, run.result) == ("succeeded", RESULT)


async def test_a_run_that_stops_by_itself_passes_through_stopping(database: Database):
    await started(database)
    await database.write(ingest, "r", 0, journal(RUNNING, Finished("cancelled")))
    log = await database.read(events_after, "r", 2, 10)
    assert [row.event for row in log] == [
        RUNNING,
        StateChanged("stopping"),
        Finished("cancelled"),
    ]


async def test_a_stopping_run_does_not_change_to_running(database: Database):
    await started(database)
    await database.write(request_cancel, "r", "graceful", "", 3)
    run = await database.write(ingest, "r", 0, journal(RUNNING, metric(1)))
    log = await database.read(events_after, "r", 3, 10)
    assert run.state == "stopping"
    assert [row.event for row in log] == [metric(1)]


async def test_nothing_is_added_after_the_end(database: Database):
    await started(database)
    ended = await database.write(ingest, "r", 0, journal(RUNNING, SUCCEEDED))
    assert await database.write(ingest, "r", ended.journal_offset, journal(metric(1), first=3)) == ended
    assert await database.write(request_cancel, "r", "now", "late", 9) == ended


async def test_a_cancel_mode_can_only_become_stricter(database: Database):
    await started(database)
    modes = [(await database.write(request_cancel, "r", m, "", 3)).cancel_mode for m in ("graceful", "now")]
    assert modes == ["graceful", "now"]
    assert (await database.write(request_cancel, "r", "graceful", "", 4)).cancel_mode == "now"


async def test_delete_removes_the_events_and_keeps_the_request_id_in_use(database: Database):
    await started(database)
    with pytest.raises(TransitionError, match="got state starting"):
        await database.write(delete_run, "r", 3)
    await database.write(ingest, "r", 0, journal(RUNNING, SUCCEEDED))
    await database.write(delete_run, "r", 3)
    await database.write(delete_run, "r", 4)  # a second call is no error
    assert await database.read(events_after, "r", 0, 10) == []
    new = NewRun("s", "train", "StartTrain", "r", "f", {}, "d", {}, True)
    with pytest.raises(NotFoundError, match="has been deleted"):
        await database.write(submit_run, new, rerun=False, time_ms=5)
    assert not (await database.write(submit_run, new, rerun=True, time_ms=5)).deduplicated


def test_the_migrations_create_the_schema(database: Database):
    with database._write_engine.begin() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_a_newer_schema_is_rejected_and_not_changed(tmp_path: Path):
    path = tmp_path / "state.db"
    Database(path).close()
    with sqlite3.connect(path) as raw:
        raw.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(ConfigError, match=f"got schema 9999, expected at most {SCHEMAS[-1]}"):
        Database(path)
    with sqlite3.connect(path) as raw:
        assert raw.execute("SELECT version_num FROM alembic_version").fetchall() == [("9999",)]


def test_the_log_is_written_ahead_and_synced(database: Database):
    with database._write_engine.begin() as connection:
        pragma = lambda name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()  # noqa: E731
        assert (pragma("journal_mode"), pragma("synchronous"), pragma("foreign_keys")) == ("wal", 2, 1)
    with database._read_engine.begin() as connection, pytest.raises(Exception, match="readonly"):
        connection.exec_driver_sql("DELETE FROM runs")
