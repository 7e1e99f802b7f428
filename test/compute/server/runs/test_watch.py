"""Watching runs: replay, follow, heartbeat, end."""

from __future__ import annotations

import time
from pathlib import Path

import grpc
from server_kit import CANCELLED, Server, refusal, script, serving

from lghrec.v1 import run_pb2


def test_a_watch_replays_then_follows_and_ends_with_finished(shared: Server):
    seed = script(shared.data_dir, 101, steps=10, step_s=0.03)
    run = shared.start("watch-1", seed)
    live = list(shared.watch(run.id))
    replayed = list(shared.watch(run.id))
    # queued, starting, running, ten steps of three events, finished
    assert [event.seq for event in live] == list(range(1, 35))
    assert live == replayed
    assert live[-1].WhichOneof("body") == "finished"
    assert not any(event.HasField("finished") for event in live[:-1])
    assert shared.get(run.id).head_seq == 34


def test_every_cursor_gets_exactly_the_remaining_events(shared: Server):
    run = shared.finish(shared.start("watch-2").id)
    for after in range(run.head_seq + 1):
        seqs = [event.seq for event in shared.watch(run.id, after)]
        assert seqs == list(range(after + 1, run.head_seq + 1))


def test_a_cursor_after_the_end_is_out_of_range(shared: Server):
    run = shared.finish(shared.start("watch-3").id)
    for after in (run.head_seq + 1, 2**64 - 1):
        refused = refusal(lambda a=after: list(shared.watch(run.id, a)))
        assert (refused.code, refused.detail.run_id) == (grpc.StatusCode.OUT_OF_RANGE, run.id)


def test_a_watch_of_an_unknown_run_is_not_found(shared: Server):
    refused = refusal(lambda: list(shared.watch("no-such-run")))
    assert (refused.code, refused.detail.reason) == (grpc.StatusCode.NOT_FOUND, "RUN_UNKNOWN")
    assert refused.detail.run_id == "no-such-run"


def test_a_silent_run_has_heartbeats(shared: Server):
    seed = script(shared.data_dir, 102, steps=1, step_s=600)
    run = shared.start("watch-4", seed)
    beats = []
    call = shared.runs.WatchRun(run_pb2.WatchRunRequest(run_id=run.id), timeout=30)
    for response in call:
        if response.HasField("heartbeat"):
            beats.append(response.heartbeat.head_seq)
        if len(beats) == 4:
            break
    call.cancel()
    assert beats == sorted(beats)
    assert beats[-1] == shared.get(run.id).head_seq
    shared.cancel(run.id, mode=run_pb2.CANCEL_MODE_NOW)
    assert shared.finish(run.id).state == CANCELLED


def test_ending_a_watch_does_not_affect_the_run(shared: Server):
    seed = script(shared.data_dir, 103, steps=20, step_s=0.03)
    run = shared.start("watch-5", seed)
    for _ in range(20):
        call = shared.runs.WatchRun(run_pb2.WatchRunRequest(run_id=run.id))
        next(call)
        call.cancel()
    assert [event.seq for event in shared.watch(run.id)] == list(range(1, 65))


def test_fast_and_slow_watchers_get_all_events_of_a_burst(tmp_path: Path):
    with serving(tmp_path) as server:
        script(tmp_path, 1, steps=1500)
        run = server.start("burst", 1)
        slow = server.runs.WatchRun(run_pb2.WatchRunRequest(run_id=run.id))
        first = next(slow)
        fast = [event.seq for event in server.watch(run.id)]
        time.sleep(0.2)
        rest = [response.event.seq for response in slow if response.HasField("event")]
        # queued, starting, running, 1,500 steps of three events, finished
        assert fast == list(range(1, 4_505))
        assert [first.event.seq, *rest] == fast


def test_a_stopping_server_ends_watches_and_rejects_work_while_its_run_continues(tmp_path: Path):
    with serving(tmp_path) as server:
        script(tmp_path, 1, steps=40, step_s=0.05)
        run = server.start("drain", 1)
        pid = server.worker_pid(run.id)
        watch = server.runs.WatchRun(run_pb2.WatchRunRequest(run_id=run.id))
        next(watch)
        server.process.terminate()
        refused = refusal(lambda: list(watch))
        assert (refused.code, refused.detail.reason) == (grpc.StatusCode.UNAVAILABLE, "DRAINING")
        assert refused.detail.retry_after.seconds == 1
        assert server.process.wait(5) == 0
    with serving(tmp_path) as server:
        events = list(server.watch(run.id))
        assert server.worker_pid(run.id) == pid
        assert [event.seq for event in events] == list(range(1, 125))
