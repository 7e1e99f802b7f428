"""A data set that is deleted at the same time as a run that needs it is submitted."""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor

import grpc
from server_kit import CANCELLED, Server, script, start_request
from uploading import upload

from lghrec.v1 import dataset_pb2, run_pb2

ROUNDS = 40


def attempt(call, gate: threading.Barrier):
    """Return the response or the status code of a call that starts together with the other calls."""
    gate.wait()
    try:
        return call()
    except grpc.RpcError as error:
        return error.code()


def test_a_data_set_is_deleted_or_used_but_never_both(shared: Server):
    seed = script(shared.data_dir, 41, steps=1, step_s=600)
    ends: set[str] = set()
    with ThreadPoolExecutor(2) as threads:
        for number in range(ROUNDS):
            dataset_id = upload(shared, {"a.inter": os.urandom(64)})
            request = start_request(f"race-{number}", seed)
            request.spec.source.ClearField("builtin")
            request.spec.source.upload = dataset_id
            wanted = dataset_pb2.DeleteDatasetRequest(dataset_id=dataset_id)
            gate = threading.Barrier(2)
            answers = [
                threads.submit(attempt, lambda r=request: shared.preprocess.StartPreprocess(r), gate),
                threads.submit(attempt, lambda w=wanted: shared.datasets.DeleteDataset(w), gate),
            ]
            started, deleted = (answer.result() for answer in answers)
            if isinstance(started, grpc.StatusCode):
                assert started == grpc.StatusCode.INVALID_ARGUMENT
                assert not isinstance(deleted, grpc.StatusCode)
                ends.add("deleted")
            else:
                assert deleted == grpc.StatusCode.FAILED_PRECONDITION
                got = shared.datasets.GetDataset(dataset_pb2.GetDatasetRequest(dataset_id=dataset_id))
                assert got.dataset.id == dataset_id
                shared.cancel(started.run.id, mode=run_pb2.CANCEL_MODE_NOW)
                assert shared.finish(started.run.id).state == CANCELLED
                ends.add("read")
    assert ends  # either order is possible
