"""Stopping runs in each state, also with workers that ignore the signal."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest
from server_kit import (
    CANCELLED,
    QUEUED,
    RUNNING,
    STOPPING,
    SUCCEEDED,
    Server,
    alive,
    refusal,
    script,
    serving,
    until,
)

from lghrec.v1 import run_pb2

NOW = run_pb2.CANCEL_MODE_NOW


def test_a_queued_run_is_cancelled_at_once_and_never_starts(tmp_path: Path):
    with serving(tmp_path) as server:
        blocker = server.start("blocker", script(tmp_path, 1, steps=1, step_s=600))
        run = server.start("queued")
        server.wait_for(blocker.id, RUNNING)
        assert server.get(run.id).queue_position == 1
        assert server.cancel(run.id, reason="no\x1b[31m need").state == CANCELLED
        bodies = [event.WhichOneof("body") for event in server.watch(run.id)]
        assert bodies == ["state", "log", "finished"]
        assert not server.run_dir(run.id).exists()
        server.cancel(blocker.id, mode=NOW)
        server.finish(blocker.id)


def test_a_running_run_stops_at_its_next_step(shared: Server):
    run = shared.start("cancel-1", script(shared.data_dir, 201, steps=1000, step_s=0.05))
    shared.wait_for(run.id, RUNNING)
    assert shared.cancel(run.id, reason="enough").state == STOPPING
    events = list(shared.watch(run.id))
    assert events[-1].finished.state == CANCELLED
    assert "cancel requested: enough" in [event.log.line for event in events]
    # A cancel while the run stops and another one after its end change nothing.
    ended = shared.get(run.id)
    assert shared.cancel(run.id) == ended
    assert shared.cancel(run.id, mode=NOW) == ended


def test_a_starting_run_is_stopped_before_its_first_record(shared: Server):
    run = shared.start("cancel-2", script(shared.data_dir, 202, boot_s=600))
    until(lambda: (shared.run_dir(run.id) / "job.json").exists())
    assert shared.cancel(run.id).state == STOPPING
    assert shared.finish(run.id).state == CANCELLED


def test_a_worker_that_ignores_the_signal_is_killed_after_its_grace_with_its_children(shared: Server):
    act = {"steps": 1, "step_s": 600, "ignore_term": True, "child": True}
    run = shared.start("cancel-3", script(shared.data_dir, 203, **act))
    shared.wait_for(run.id, RUNNING)
    child = int((shared.run_dir(run.id) / "child").read_text())
    pid, before = shared.worker_pid(run.id), time.monotonic()
    shared.cancel(run.id)
    events = list(shared.watch(run.id))
    assert 1.0 <= time.monotonic() - before < 8  # the grace time of this server is 1 s
    assert events[-1].finished.state == CANCELLED
    assert events[-2].warning.code == "worker_killed"
    until(lambda: not alive(pid) and not alive(child))


@pytest.mark.parametrize("suspended", [False, True])
def test_now_kills_at_once(shared: Server, suspended: bool):
    key = f"cancel-now-{suspended}"
    run = shared.start(key, script(shared.data_dir, 204, steps=1, step_s=600, ignore_term=True))
    shared.wait_for(run.id, RUNNING)
    pid = shared.worker_pid(run.id)
    if suspended:
        os.kill(pid, signal.SIGSTOP)
    shared.cancel(run.id, mode=NOW)
    assert shared.finish(run.id).state == CANCELLED
    assert not alive(pid)


def test_a_success_in_the_journal_counts_despite_a_cancel(shared: Server):
    act = {"steps": 4, "step_s": 0.1, "late_success": True}
    run = shared.start("cancel-4", script(shared.data_dir, 205, **act))
    shared.wait_for(run.id, RUNNING)
    assert shared.cancel(run.id).state == STOPPING
    assert shared.finish(run.id).state == SUCCEEDED


def test_a_worker_that_does_not_exit_after_its_final_record_is_killed_and_the_record_counts(shared: Server):
    run = shared.start("cancel-5", script(shared.data_dir, 206, linger_s=600))
    pid = shared.worker_pid(run.id)
    assert shared.finish(run.id).state == SUCCEEDED
    assert not alive(pid)


def test_a_cancel_survives_a_restart_of_the_server(tmp_path: Path):
    script(tmp_path, 1, steps=1, step_s=600, ignore_term=True)
    with serving(tmp_path, LGHREC_GRACE_S="30") as server:
        run = server.start("k", 1)
        server.wait_for(run.id, RUNNING)
        pid = server.worker_pid(run.id)
        server.cancel(run.id)
        server.stop(signal.SIGKILL)
    assert alive(pid)
    with serving(tmp_path) as server:
        assert server.finish(run.id).state == CANCELLED
        assert not alive(pid)


def test_a_cancel_of_an_unknown_run_and_an_unknown_mode_are_rejected(shared: Server):
    assert refusal(lambda: shared.cancel("nope")).detail.reason == "RUN_UNKNOWN"
    assert list(refusal(lambda: shared.cancel("nope", mode=9)).violations) == ["mode"]


def test_a_cancel_at_any_moment_ends_in_one_terminal_state(shared: Server):
    seed = script(shared.data_dir, 207, steps=3, step_s=0.01)
    ids = []
    for i in range(20):
        run = shared.start(f"cancel-race-{i}", seed)
        time.sleep(0.02 * (i % 10))
        shared.cancel(run.id)
        ids.append(run.id)
    for run_id in ids:
        events = list(shared.watch(run_id))
        finished = [event for event in events if event.HasField("finished")]
        assert [event.seq for event in events] == list(range(1, len(events) + 1))
        assert finished == events[-1:]
        assert shared.get(run_id).state == finished[0].finished.state
        assert shared.get(run_id).state in (CANCELLED, SUCCEEDED)
        assert shared.get(run_id).state != QUEUED
