"""The guard of the test suite, and a complete run on a machine without a network."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from lghrec_compute.journal import records
from lghrec_compute.layout import RunDir


def test_a_connection_to_another_machine_is_refused_in_tests():
    with socket.socket() as outward, pytest.raises(RuntimeError, match=r"reached out to 192\.0\.2\.1"):
        outward.connect(("192.0.2.1", 80))  # reserved for documentation


def _can_cut_the_network() -> bool:
    return subprocess.run(["unshare", "-rn", "true"], capture_output=True, check=False).returncode == 0


def test_preprocess_with_semantic_ids_needs_no_network(tmp_path: Path) -> None:
    if not _can_cut_the_network():
        pytest.skip("a network namespace of its own needs rights that this user or container lacks")
    source = tmp_path / "imports" / "tiny"
    source.mkdir(parents=True)
    pairs = [f"u{user}\ti{item}" for user in range(6) for item in range(6)]
    (source / "tiny.inter").write_text("\n".join(["user_id:token\titem_id:token", *pairs]) + "\n")
    texts = [f"i{item}\tA quiet story number {item}" for item in range(6)]
    (source / "tiny.item").write_text("\n".join(["item_id:token\ttitle:token_seq", *texts]) + "\n")
    run_dir = tmp_path / "data" / "runs" / "r1"
    run_dir.mkdir(parents=True)
    job = {
        "run_id": "r1",
        "kind": "preprocess",
        "spec": {"source": {"path": str(source)}, "filter": {"k_core": 1}, "semantic": {}},
        "reuse": False,
        "data_dir": str(tmp_path / "data"),
        "import_roots": [str(tmp_path / "imports")],
    }
    (run_dir / "job.json").write_text(json.dumps(job))

    # a namespace whose only interface is a loopback that is down, so any connection fails immediately
    command = ["unshare", "-rn", sys.executable, "-m", "lghrec_compute.worker", str(run_dir)]
    subprocess.run(command, env=os.environ | {"OMP_NUM_THREADS": "1"}, check=True, timeout=120)

    last = [record for record, _ in records(RunDir(run_dir).journal.read_bytes())][-1]["body"]
    assert last["finished"]["state"] == "succeeded", last
    assert last["finished"]["result"]["preprocess"]["semantic_ids"]["kind"] == "semantic_ids"
