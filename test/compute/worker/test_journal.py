"""The journal's writer, against a real file."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lghrec_compute.errors import DiskError
from lghrec_compute.events import ArtifactStored, Failure, Finished, Log, Metric, Progress, StateChanged
from lghrec_compute.journal import records
from lghrec_compute.layout import RunDir
from lghrec_compute.results import ArtifactRef, ExportResult, RunResult
from lghrec_compute.worker.journal import Journal

MODEL = ArtifactRef("ab", "model", 7)


def read(run_dir: Path) -> list[dict]:
    return [record for record, _ in records(RunDir(run_dir).journal.read_bytes())]


def emit_until_it_fails(journal: Journal) -> None:
    for _ in range(10_000):
        journal.emit(Log("x" * 1000))


def test_records_are_numbered_from_one_and_keep_their_bodies(tmp_path: Path) -> None:
    journal = Journal(RunDir(tmp_path))
    journal.emit(StateChanged("running"))
    journal.emit(Metric("loss/total", 0.5, 1))
    journal.emit(ArtifactStored(MODEL))
    journal.finish(Finished("succeeded", result=RunResult(export=ExportResult(MODEL))))
    assert [record["lseq"] for record in read(tmp_path)] == [1, 2, 3, 4]
    result = {"export": {"export": {"id": "ab", "kind": "model", "size_bytes": 7}}, "reused_from_run_id": ""}
    assert [record["body"] for record in read(tmp_path)] == [
        {"state": {"state": "running"}},
        {"metric": {"name": "loss/total", "value": 0.5, "step": 1}},
        {"artifact": {"artifact": {"id": "ab", "kind": "model", "size_bytes": 7}}},
        {"finished": {"state": "succeeded", "result": result}},
    ]


def test_progress_is_thinned_except_for_a_new_phase_and_the_last_value(tmp_path: Path) -> None:
    journal = Journal(RunDir(tmp_path))
    for done in range(1, 101):
        journal.emit(Progress("read", done, 100))
    journal.emit(Progress("split", 1, 2))
    emitted = [(r["body"]["progress"]["phase"], r["body"]["progress"]["done"]) for r in read(tmp_path)]
    assert emitted[0] == ("read", 1)
    assert emitted[-2:] == [("read", 100), ("split", 1)]
    assert len(emitted) < 20


@settings(deadline=None)
@given(cut=st.integers(min_value=1, max_value=200))
def test_an_incomplete_last_record_is_dropped_and_the_numbering_continues(tmp_path_factory, cut: int) -> None:
    run_dir = tmp_path_factory.mktemp("run")
    journal = Journal(RunDir(run_dir))
    for line in ("one", "two", "three"):
        journal.emit(Log(line))
    path = RunDir(run_dir).journal
    whole = path.read_bytes()
    path.write_bytes(whole[: max(0, len(whole) - cut)])
    left = len(read(run_dir))
    again = Journal(RunDir(run_dir))
    again.emit(Log("four"))
    assert [record["lseq"] for record in read(run_dir)] == list(range(1, left + 2))


def test_a_full_disk_leaves_no_part_of_a_record_and_the_last_event_can_still_be_written(
    tmp_path: Path, full_disk
) -> None:
    with full_disk(tmp_path, bytes_free=200 * 1024) as run_dir:
        journal = Journal(RunDir(run_dir))
        with pytest.raises(DiskError, match="no space left"):
            emit_until_it_fails(journal)
        journal.finish(Finished("failed", failure=Failure("disk", "full")))
        emitted = read(run_dir)
        assert emitted[-1]["body"]["finished"]["failure"]["message"] == "full"
        assert [record["lseq"] for record in emitted] == list(range(1, len(emitted) + 1))


def test_errors_that_are_not_about_space_are_raised_unchanged(tmp_path: Path) -> None:
    journal = Journal(RunDir(tmp_path))
    os.close(journal._file)
    with pytest.raises(OSError) as caught:  # noqa: PT011 - the errno is the assertion
        journal.emit(Log("x"))
    assert caught.value.errno == errno.EBADF
