from __future__ import annotations

import errno
from pathlib import Path

import pytest
import torch

from lghrec_compute.artifacts.disk import file_sha256
from lghrec_compute.errors import ConfigError
from lghrec_compute.events import CheckpointStored, WarningRaised
from lghrec_compute.training import Checkpoints, Snapshot, write_tensors


def snapshot(epoch: int, step: int = 0) -> Snapshot:
    tensors = {"backbone/table": torch.full((3, 2), float(epoch)), "random/torch": torch.get_rng_state()}
    return Snapshot(epoch, step, tensors, {"early_stop": {"best_value": 0.1 + epoch}})


def checkpoints(folder: Path, events: list | None = None, digest: str = "d") -> Checkpoints:
    return Checkpoints(folder, spec_digest=digest, emit=(events if events is not None else []).append)


def test_what_is_committed_comes_back(tmp_path):
    events: list = []
    checkpoints(tmp_path, events).commit(snapshot(3, step=7))
    loaded = checkpoints(tmp_path).load()
    assert loaded is not None
    assert (loaded.epoch, loaded.step, loaded.plain) == (3, 7, {"early_stop": {"best_value": 3.1}})
    assert torch.equal(loaded.tensors["backbone/table"], torch.full((3, 2), 3.0))
    assert torch.equal(loaded.tensors["random/torch"], torch.get_rng_state())
    manifest_sha256 = file_sha256(tmp_path / "epoch-000003-step-00000007" / "manifest.json")
    assert events == [CheckpointStored("epoch-000003-step-00000007", 3, manifest_sha256)]


def test_without_checkpoints_load_returns_none(tmp_path):
    assert checkpoints(tmp_path / "absent").load() is None


def test_the_two_newest_stay(tmp_path):
    keeper = checkpoints(tmp_path)
    for epoch in (2, 9, 10, 11):
        keeper.commit(snapshot(epoch))
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "epoch-000010-step-00000000",
        "epoch-000011-step-00000000",
    ]


@pytest.mark.parametrize("name", ["tensors.safetensors", "state.json", "manifest.json"])
@pytest.mark.parametrize("damage", ["cut", "flip", "delete"])
def test_a_damaged_checkpoint_is_skipped_with_a_warning(tmp_path, name, damage):
    keeper = checkpoints(tmp_path)
    keeper.commit(snapshot(1))
    keeper.commit(snapshot(2))
    path = tmp_path / "epoch-000002-step-00000000" / name
    data = path.read_bytes()
    if damage == "delete":
        path.unlink()
    else:
        path.write_bytes(data[: len(data) // 2] if damage == "cut" else b"X" + data[1:])
    events: list = []
    loaded = checkpoints(tmp_path, events).load()
    assert loaded is not None
    assert loaded.epoch == 1
    assert [(type(event), event.code) for event in events] == [(WarningRaised, "checkpoint_damaged")]


def test_a_damaged_checkpoint_is_written_over_when_the_run_gets_there_again(tmp_path):
    keeper = checkpoints(tmp_path)
    keeper.commit(snapshot(1))
    keeper.commit(snapshot(2))
    (tmp_path / "epoch-000002-step-00000000" / "state.json").write_text("{}")
    keeper.commit(snapshot(2))
    loaded = checkpoints(tmp_path).load()
    assert loaded is not None
    assert loaded.epoch == 2


def test_a_half_written_checkpoint_is_not_seen_and_is_cleared_away(tmp_path):
    keeper = checkpoints(tmp_path)
    keeper.commit(snapshot(1))
    leftover = tmp_path / "epoch-000002-step-00000000.tmp"
    leftover.mkdir()
    (leftover / "tensors.safetensors").write_bytes(b"half")
    loaded = checkpoints(tmp_path).load()
    assert loaded is not None
    assert loaded.epoch == 1
    keeper.commit(snapshot(3))
    assert not leftover.exists()


def test_a_checkpoint_of_another_spec_is_refused(tmp_path):
    checkpoints(tmp_path, digest="one").commit(snapshot(1))
    with pytest.raises(ConfigError, match="another spec"):
        checkpoints(tmp_path, digest="two").load()


def test_a_full_disk_is_an_error_with_its_number():
    with pytest.raises(OSError, match="No space left") as caught:
        write_tensors(Path("/dev/full"), {"table": torch.ones(3)})
    assert caught.value.errno == errno.ENOSPC
