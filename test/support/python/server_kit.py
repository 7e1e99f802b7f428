"""Starts real servers in separate processes and calls them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import grpc
import pytest
from google.protobuf import any_pb2
from google.protobuf.message import Message

from lghrec.v1 import (
    artifact_pb2_grpc,
    dataset_pb2_grpc,
    error_pb2,
    evaluate_pb2_grpc,
    export_pb2_grpc,
    preprocess_pb2,
    preprocess_pb2_grpc,
    preprocess_spec_pb2,
    run_event_pb2,
    run_pb2,
    run_pb2_grpc,
    semantic_pb2_grpc,
    system_pb2_grpc,
    train_pb2_grpc,
)
from lghrec_compute.server.wire.status import RpcStatus

T = TypeVar("T")
SUPPORT = Path(__file__).parent
SUCCEEDED, FAILED, CANCELLED = (
    run_event_pb2.RUN_STATE_SUCCEEDED,
    run_event_pb2.RUN_STATE_FAILED,
    run_event_pb2.RUN_STATE_CANCELLED,
)
QUEUED, RUNNING, STOPPING = (
    run_event_pb2.RUN_STATE_QUEUED,
    run_event_pb2.RUN_STATE_RUNNING,
    run_event_pb2.RUN_STATE_STOPPING,
)


class Server:
    """One server process and the stubs to call it."""

    def __init__(self, data_dir: Path, *args: str, **env: str) -> None:
        self.data_dir = data_dir
        self.process = spawn(data_dir, *args, **env)
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, self.process.stderr.read() if self.process.stderr else ""
        self.endpoint: str = json.loads(line)["endpoint"]
        self.channel = grpc.insecure_channel(self.endpoint.removeprefix("http://"))
        self.preprocess: Any = preprocess_pb2_grpc.PreprocessServiceStub(self.channel)
        self.train: Any = train_pb2_grpc.TrainServiceStub(self.channel)
        self.evaluate: Any = evaluate_pb2_grpc.EvaluateServiceStub(self.channel)
        self.export: Any = export_pb2_grpc.ExportServiceStub(self.channel)
        self.runs: Any = run_pb2_grpc.RunServiceStub(self.channel)
        self.artifacts: Any = artifact_pb2_grpc.ArtifactServiceStub(self.channel)
        self.datasets: Any = dataset_pb2_grpc.DatasetServiceStub(self.channel)
        self.semantic: Any = semantic_pb2_grpc.SemanticServiceStub(self.channel)
        self.system: Any = system_pb2_grpc.SystemServiceStub(self.channel)

    def start(self, request_id: str, seed: int = 0, **fields: Any) -> run_pb2.Run:
        """Submit a preprocess run whose worker follows the script of `seed`."""
        return self.preprocess.StartPreprocess(start_request(request_id, seed, **fields)).run

    def get(self, run_id: str) -> run_pb2.Run:
        return self.runs.GetRun(run_pb2.GetRunRequest(run_id=run_id)).run

    def cancel(self, run_id: str, **fields: Any) -> run_pb2.Run:
        return self.runs.CancelRun(run_pb2.CancelRunRequest(run_id=run_id, **fields)).run

    def watch(self, run_id: str, after_seq: int = 0) -> Iterator[run_event_pb2.RunEvent]:
        """Return the events up to the end of the stream, without heartbeats."""
        request = run_pb2.WatchRunRequest(run_id=run_id, after_seq=after_seq)
        for response in self.runs.WatchRun(request, timeout=30):
            if response.HasField("event"):
                yield response.event

    def finish(self, run_id: str) -> run_pb2.Run:
        """Wait for the end of a run and return it."""
        for _ in self.watch(run_id):
            pass
        return self.get(run_id)

    def wait_for(self, run_id: str, state: int) -> run_pb2.Run:
        return until(lambda: run if (run := self.get(run_id)).state == state else None)

    def run_dir(self, run_id: str) -> Path:
        return self.data_dir / "runs" / run_id

    def worker_pid(self, run_id: str) -> int:
        path = self.run_dir(run_id) / "worker.json"
        return until(lambda: json.loads(path.read_text())["pid"] if path.exists() else None)

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Stop the server and return its exit code."""
        self.channel.close()
        self.process.send_signal(number)
        return self.process.wait(20)


@dataclass(frozen=True)
class Refusal:
    """The error of a call as a client reads it."""

    code: grpc.StatusCode
    message: str
    detail: error_pb2.ErrorDetail

    @property
    def violations(self) -> dict[str, str]:
        return {v.path: v.description for v in self.detail.field_violations}


def spawn(data_dir: Path, *args: str, **env: str) -> subprocess.Popen[str]:
    """Start `lghrec-server` on a free port, with the fake worker."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(SUPPORT),
        "LGHREC_WORKER_MODULE": "fake_worker",
        "LGHREC_POLL_S": "0.02",
        "LGHREC_GRACE_S": "1",
        "LGHREC_PORT": "0",
        **env,
    }
    command = [sys.executable, "-m", "lghrec_compute.server", "--data-dir", str(data_dir), *args]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, env=environment, stdout=pipe, stderr=pipe, text=True)


@contextmanager
def serving(data_dir: Path, *args: str, **env: str) -> Iterator[Server]:
    """Run a server until the end of the block."""
    server = Server(data_dir, *args, **env)
    try:
        yield server
    finally:
        if server.process.poll() is None:
            server.stop(signal.SIGKILL)
        for pipe in (server.process.stdout, server.process.stderr):
            if pipe is not None:
                pipe.close()


def script(data_dir: Path, seed: int, **act: Any) -> int:
    """Write the script of the workers of runs with this seed, and return the seed."""
    path = data_dir / "fake" / f"{seed}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(act))
    return seed


def release(data_dir: Path, seed: int) -> None:
    """Let workers continue whose script has `hold_at`."""
    (data_dir / "fake" / f"{seed}.go").touch()


def start_request(request_id: str, seed: int = 0, **fields: Any) -> preprocess_pb2.StartPreprocessRequest:
    spec = preprocess_spec_pb2.PreprocessSpec(
        source=preprocess_spec_pb2.SourceSpec(builtin="movielens-100k"),
        split=preprocess_spec_pb2.SplitSpec(seed=seed),
    )
    return preprocess_pb2.StartPreprocessRequest(**{"request_id": request_id, "spec": spec, **fields})


def refusal(call: Callable[[], Any]) -> Refusal:
    """Return the error of a call that must fail."""
    with pytest.raises(grpc.RpcError) as caught:
        call()
    error: Any = caught.value
    status: Any = RpcStatus.FromString(dict(error.trailing_metadata())["grpc-status-details-bin"])
    packed, detail = any_pb2.Any(), error_pb2.ErrorDetail()
    packed.ParseFromString(status.details[0])
    assert packed.Unpack(detail)
    assert status.code == error.code().value[0]
    return Refusal(error.code(), error.details(), detail)


def until(look: Callable[[], T | None], timeout_s: float = 20) -> T:
    """Return the first value that `look` finds. Fails after the timeout."""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        if (found := look()) is not None and found is not False:
            return found
        time.sleep(0.01)
    raise AssertionError("nothing came of it")


def alive(pid: int) -> bool:
    """Return whether a process runs. A zombie does not run."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def set_unknown(message: Message) -> Message:
    """Add a field with number 999, which no version has."""
    message.MergeFromString(b"\xb8\x3e\x01")
    return message
