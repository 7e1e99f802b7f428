"""Killed servers, killed workers and broken journals: no event is lost, no work is done twice."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from server_kit import FAILED, RUNNING, SUCCEEDED, SUPPORT, Server, alive, release, script, serving, until

from lghrec.v1 import run_event_pb2
from lghrec_compute.layout import RunDir
from lghrec_compute.server.runs.process import booting_worker


def test_after_a_kill_the_server_finds_its_worker_and_no_event_is_lost_or_doubled(tmp_path: Path):
    moments = random.Random(7)
    script(tmp_path, 1, steps=60, step_s=0.02, hold_at=60)
    pids, run_id, seen = set(), "", []
    for life in range(3):
        with serving(tmp_path) as server:
            run_id = run_id or server.start("k", 1).id
            pids.add(server.worker_pid(run_id))
            server.wait_for(run_id, RUNNING)
            if life < 2:
                time.sleep(moments.uniform(0.05, 0.4))
                seen.append(server.get(run_id).head_seq)
                server.stop(signal.SIGKILL)
            else:
                release(tmp_path, 1)
                events = list(server.watch(run_id))
    # queued, starting, running, 60 steps of three events, finished
    assert [event.seq for event in events] == list(range(1, 185))
    steps = [event.metric.step for event in events if event.HasField("metric")]
    assert steps == list(range(1, 61))
    assert events[-1].finished.state == SUCCEEDED
    assert len(pids) == 1
    assert (tmp_path / "runs" / run_id / "starts").read_text() == "x"
    assert all(head < 184 for head in seen)


def test_a_run_that_ends_without_a_server_is_stored_completely(tmp_path: Path):
    script(tmp_path, 1, steps=10, step_s=0.05)
    with serving(tmp_path) as server:
        run = server.start("k", 1)
        pid = server.worker_pid(run.id)
        server.stop(signal.SIGKILL)
    until(lambda: not alive(pid))
    with serving(tmp_path) as server:
        assert [event.seq for event in server.watch(run.id)] == list(range(1, 35))
        assert server.get(run.id).state == SUCCEEDED


def test_a_worker_killed_without_a_server_is_reported_as_lost(tmp_path: Path):
    script(tmp_path, 1, steps=1, step_s=600, child=True)
    with serving(tmp_path) as server:
        run = server.start("k", 1)
        server.wait_for(run.id, RUNNING)
        pid, child = server.worker_pid(run.id), int((server.run_dir(run.id) / "child").read_text())
        server.stop(signal.SIGKILL)
    os.kill(pid, signal.SIGKILL)
    with serving(tmp_path) as server:
        ended = server.finish(run.id)
        assert (ended.state, ended.failure.kind) == (FAILED, run_event_pb2.FAILURE_KIND_WORKER_LOST)
        until(lambda: not alive(child))


def test_a_run_whose_worker_was_never_started_is_started_by_the_next_server(tmp_path: Path):
    script(tmp_path, 1, steps=3, boot_s=1.5)  # the server is killed before the worker writes its identity
    with serving(tmp_path) as server:
        run = server.start("k", 1)
        until(lambda: (server.run_dir(run.id) / "job.json").exists())
        server.stop(signal.SIGKILL)
    with serving(tmp_path) as server:
        assert server.finish(run.id).state == SUCCEEDED
        assert [event.seq for event in server.watch(run.id)] == list(range(1, 14))
    # A second worker would find the lock free after the end of the first one.
    assert (tmp_path / "runs" / run.id / "starts").read_text() == "x"


def test_a_run_whose_worker_did_not_start_is_started_again(tmp_path: Path):
    script(tmp_path, 1, steps=3, boot_s=600)
    with serving(tmp_path) as server:
        run = server.start("k", 1)
        worker = until(lambda: booting_worker(RunDir(server.run_dir(run.id))))
        server.stop(signal.SIGKILL)
    worker.kill()
    until(lambda: not alive(worker.pid))
    script(tmp_path, 1, steps=3)
    with serving(tmp_path) as server:
        assert server.finish(run.id).state == SUCCEEDED
        assert [event.seq for event in server.watch(run.id)] == list(range(1, 14))


def test_a_killed_worker_is_lost_with_its_newest_checkpoint_and_the_usual_cause(shared: Server):
    run = shared.finish(shared.start("fault-1", script(shared.data_dir, 301, end="crash")).id)
    assert (run.state, run.failure.kind) == (FAILED, run_event_pb2.FAILURE_KIND_WORKER_LOST)
    assert run.failure.message == "the worker process ended unexpectedly: killed by SIGKILL"
    assert run.failure.last_checkpoint == "e3"
    assert "out-of-memory killer" in run.failure.hint


def test_a_worker_that_dies_of_an_exception_leaves_its_traceback(shared: Server):
    run = shared.finish(shared.start("fault-2", script(shared.data_dir, 302, end="raise")).id)
    assert run.failure.message.endswith("exit code 1")
    assert run.failure.traceback.startswith("Traceback")
    assert "RuntimeError: out of luck" in run.failure.traceback


def test_a_failure_contains_the_worker_s_message_without_colours(shared: Server):
    run = shared.finish(shared.start("fault-3", script(shared.data_dir, 303, end="fail")).id)
    assert (run.failure.kind, run.failure.message) == (
        run_event_pb2.FAILURE_KIND_NAN,
        "loss is nan at step 3",
    )
    assert run.failure.last_checkpoint == "e3"


def test_a_record_with_a_wrong_checksum_fails_the_run_and_ends_its_worker(shared: Server):
    run = shared.start("fault-4", script(shared.data_dir, 304, end="checksum"))
    pid = shared.worker_pid(run.id)
    ended = shared.finish(run.id)
    assert ended.failure.kind == run_event_pb2.FAILURE_KIND_INTERNAL
    assert "does not match its checksum" in ended.failure.message
    assert (ended.failure.last_checkpoint, alive(pid)) == ("e3", False)


def test_an_invalid_record_fails_the_run(shared: Server):
    ended = shared.finish(shared.start("fault-5", script(shared.data_dir, 305, end="unknown")).id)
    assert ended.failure.kind == run_event_pb2.FAILURE_KIND_INTERNAL
    assert "is not a valid event" in ended.failure.message


def test_an_incomplete_last_line_is_ignored(shared: Server):
    run = shared.finish(shared.start("fault-6", script(shared.data_dir, 306, end="torn")).id)
    assert run.failure.kind == run_event_pb2.FAILURE_KIND_WORKER_LOST
    assert [event.seq for event in shared.watch(run.id)] == list(range(1, 14))
    assert RunDir(shared.run_dir(run.id)).journal.read_bytes()[-1:] != b"\n"


def test_processes_of_ended_runs_are_killed_at_the_start(tmp_path: Path):
    with serving(tmp_path) as server:
        run = server.finish(server.start("k").id)
    environment = {
        **os.environ,
        "LGHREC_RUN_DIR": str(tmp_path / "runs" / run.id),
        "PYTHONPATH": str(SUPPORT),
    }
    other = {**environment, "LGHREC_RUN_DIR": str(tmp_path.parent / "elsewhere" / "runs" / run.id)}
    sleep = [sys.executable, "-c", "import time; time.sleep(60)"]
    with subprocess.Popen(sleep, env=environment) as orphan, subprocess.Popen(sleep, env=other) as stranger:
        with serving(tmp_path):
            assert orphan.wait(10) == -signal.SIGKILL
        assert stranger.poll() is None
        stranger.kill()
