"""The queue, lists and deletion of runs."""

from __future__ import annotations

import base64
import signal
from pathlib import Path

import grpc
import pytest
from server_kit import CANCELLED, QUEUED, RUNNING, SUCCEEDED, Server, refusal, script, serving

from lghrec.v1 import run_pb2


def list_runs(server: Server, **fields) -> run_pb2.ListRunsResponse:
    return server.runs.ListRuns(run_pb2.ListRunsRequest(**fields))


def test_runs_work_first_in_first_out_one_at_a_time(tmp_path: Path):
    with serving(tmp_path) as server:
        seed = script(tmp_path, 1, steps=1, step_s=0.1)
        ids = [server.start("k0", script(tmp_path, 2, steps=1, step_s=1)).id]
        ids += [server.start(f"k{i}", seed).id for i in range(1, 4)]
        assert [server.get(run_id).queue_position for run_id in ids[1:]] in ([1, 2, 3], [2, 3, 4])
        assert [run.queue_position for run in list_runs(server).runs][:3] in ([3, 2, 1], [4, 3, 2])
        runs = [server.finish(run_id) for run_id in ids]
    starts = [run.start_time.ToMilliseconds() for run in runs]
    ends = [run.end_time.ToMilliseconds() for run in runs]
    assert all(end <= start for end, start in zip(ends, starts[1:], strict=False))


def test_the_queue_survives_a_restart_of_the_server(tmp_path: Path):
    with serving(tmp_path) as server:
        first = server.start("first", script(tmp_path, 1, steps=1, step_s=600))
        second = server.start("second")
        server.wait_for(first.id, RUNNING)
        server.stop(signal.SIGKILL)
    with serving(tmp_path) as server:
        assert (server.get(first.id).state, server.get(second.id).state) == (RUNNING, QUEUED)
        server.cancel(first.id, mode=run_pb2.CANCEL_MODE_NOW)
        assert server.finish(second.id).state == SUCCEEDED


def test_pages_hold_every_run_once_newest_first(shared: Server):
    ids = [shared.start(f"page-{i}", labels={"page": "1", "i": str(i)}).id for i in range(7)]
    got, token = [], ""
    while True:
        page = list_runs(shared, page_size=3, page_token=token, labels={"page": "1"})
        got += [run.id for run in page.runs]
        token = page.next_page_token
        if not token:
            break
        shared.start(f"page-late-{len(got)}", labels={"page": "1"})  # newer than the cursor
    assert got == ids[::-1]


def test_all_filters_apply_together(shared: Server):
    run = shared.finish(shared.start("filter-1", labels={"team": "a", "name": "x"}).id)
    shared.start("filter-2", labels={"team": "b", "name": "x"})
    both = list_runs(shared, labels={"team": "a", "name": "x"}, states=[SUCCEEDED], kinds=[1])
    assert [found.id for found in both.runs] == [run.id]
    assert not list_runs(shared, labels={"team": "a"}, states=[CANCELLED]).runs
    assert not list_runs(shared, labels={"team": "a"}, kinds=[2, 3, 4]).runs


@pytest.mark.parametrize("token", ["x", "AAAA", "\u00e9", base64.urlsafe_b64encode(b'[["a"],"b"]').decode()])
def test_an_invalid_page_token_is_rejected(shared: Server, token: str):
    refused = refusal(lambda: list_runs(shared, page_token=token))
    assert refused.code is grpc.StatusCode.INVALID_ARGUMENT
    assert list(refused.violations) == ["page_token"]


def test_a_token_of_another_filter_is_rejected(shared: Server):
    for i in range(2):
        shared.start(f"token-{i}", labels={"token": "1"})
    token = list_runs(shared, page_size=1, labels={"token": "1"}).next_page_token
    assert list(refusal(lambda: list_runs(shared, page_token=token)).violations) == ["page_token"]


def test_an_unknown_state_in_a_filter_is_a_violation(shared: Server):
    assert list(refusal(lambda: list_runs(shared, states=[SUCCEEDED, 99])).violations) == ["states.1"]


def test_delete_removes_an_ended_run_with_its_folder_and_only_such(shared: Server):
    run = shared.start("delete-1", script(shared.data_dir, 401, steps=1000, step_s=0.05))
    delete = lambda: shared.runs.DeleteRun(run_pb2.DeleteRunRequest(run_id=run.id))  # noqa: E731
    refused = refusal(delete)
    assert (refused.code, refused.detail.reason) == (
        grpc.StatusCode.FAILED_PRECONDITION,
        "ILLEGAL_TRANSITION",
    )
    shared.cancel(run.id)
    shared.finish(run.id)
    delete()
    delete()
    assert not shared.run_dir(run.id).exists()
    assert refusal(lambda: shared.get(run.id)).detail.reason == "RUN_UNKNOWN"
    assert refusal(lambda: shared.start("delete-1", 401)).detail.reason == "RUN_UNKNOWN"


@pytest.mark.parametrize("run_id", ["", "nope", "../../etc", "x" * 100_000])
def test_an_unknown_run_is_not_found(shared: Server, run_id: str):
    for call in (run_pb2.GetRunRequest, run_pb2.DeleteRunRequest):
        method = getattr(shared.runs, call.__name__.removesuffix("Request"))
        refused = refusal(lambda m=method, c=call: m(c(run_id=run_id)))
        assert refused.code is grpc.StatusCode.NOT_FOUND
