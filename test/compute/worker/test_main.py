"""One run from its lock to its last event, in a real child process."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from lghrec_compute.journal import ALREADY_RUNNING, records
from lghrec_compute.layout import RunDir
from lghrec_compute.worker.job import take_lock


def write_job(tmp_path: Path, run_id: str, **changes: Any) -> Path:
    """Write a preprocess job for a small data set without texts, and return the run's folder."""
    source = tmp_path / "imports" / "tiny"
    source.mkdir(parents=True, exist_ok=True)
    pairs = [f"u{user}\ti{item}" for user in range(6) for item in range(6)]
    (source / "tiny.inter").write_text("\n".join(["user_id:token\titem_id:token", *pairs]) + "\n")
    run_dir = tmp_path / "data" / "runs" / run_id
    run_dir.mkdir(parents=True)
    job = {
        "run_id": run_id,
        "kind": "preprocess",
        "spec": {"source": {"path": str(source)}, "filter": {"k_core": 1}},
        "reuse": True,
        "data_dir": str(tmp_path / "data"),
        "import_roots": [str(tmp_path / "imports")],
    }
    (run_dir / "job.json").write_text(json.dumps(job | changes))
    return run_dir


def start(run_dir: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "lghrec_compute.worker", str(run_dir)])


def bodies_of(run_dir: Path) -> list[dict[str, Any]]:
    return [record["body"] for record, _ in records(RunDir(run_dir).journal.read_bytes())]


def test_a_run_starts_with_running_and_ends_with_its_result(tmp_path: Path) -> None:
    run_dir = write_job(tmp_path, "r1")
    worker = start(run_dir)
    assert worker.wait(60) == 0
    bodies = bodies_of(run_dir)
    assert bodies[0] == {"state": {"state": "running"}}
    assert bodies[-1]["finished"]["state"] == "succeeded"
    statistics = bodies[-1]["finished"]["result"]["preprocess"]["statistics"]
    assert (statistics["num_users"], statistics["num_items"], statistics["num_interactions"]) == (6, 6, 36)
    assert json.loads(RunDir(run_dir).worker.read_text())["pid"] == worker.pid


def test_equal_work_is_reused_and_names_the_earlier_run(tmp_path: Path) -> None:
    first, second = write_job(tmp_path, "r1"), write_job(tmp_path, "r2")
    assert start(first).wait(60) == 0
    assert start(second).wait(60) == 0
    results = [bodies_of(run_dir)[-1]["finished"]["result"] for run_dir in (first, second)]
    assert results[1] == results[0] | {"reused_from_run_id": "r1"}


def test_a_second_worker_of_the_same_run_exits_immediately(tmp_path: Path) -> None:
    run_dir = write_job(tmp_path, "r1")
    lock = take_lock(RunDir(run_dir))
    assert lock is not None
    with lock:
        assert start(run_dir).wait(60) == ALREADY_RUNNING
    assert not RunDir(run_dir).journal.exists()
    assert RunDir(run_dir).lock.exists()


def test_a_job_that_cannot_be_executed_fails_with_kind_and_traceback(tmp_path: Path) -> None:
    spec = {"source": {"path": str(tmp_path / "imports" / "tiny")}, "filter": {"k_core": 100}}
    run_dir = write_job(tmp_path, "r1", spec=spec)
    assert start(run_dir).wait(60) == 0
    failure = bodies_of(run_dir)[-1]["finished"]["failure"]
    assert failure["kind"] == "data"
    assert "no interactions left" in failure["message"]
    assert "Traceback" in failure["traceback"]


@pytest.mark.parametrize("sign", ["state", "progress"])
def test_a_term_signal_cancels_a_running_run(tmp_path: Path, sign: str) -> None:
    # four million interactions: many seconds of work are left at the first sign of it
    run_dir = write_job(tmp_path, "r1", spec={"source": {"generator": {"size": "yelp2018-size"}}})
    worker = start(run_dir)
    deadline = time.monotonic() + 60
    while not (RunDir(run_dir).journal.exists() and any(sign in body for body in bodies_of(run_dir))):
        assert time.monotonic() < deadline
        time.sleep(0.005)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(60) == 0
    assert bodies_of(run_dir)[-1] == {"finished": {"state": "cancelled"}}
    assert list((tmp_path / "data").glob("artifacts/*/*")) == []
    assert not psutil.pid_exists(worker.pid)
