"""A real process killed with -9 while it trains and writes checkpoints; what it leaves is gone on from."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from jobs import Around, assert_same_bits, make_job, tensors_of, train_spec

from lghrec_compute.errors import RunCancelled
from lghrec_compute.training import fit

SPEC = train_spec(
    {"name": "mf"},
    epochs=100_000,
    batch_size=400,
    early_stop={"patience": 10_000, "every_epochs": 5},
    checkpoint={"every_epochs": 1},
)

if __name__ == "__main__":  # the child: trains until it is killed
    fit(make_job(SPEC), Around(Path(sys.argv[1]), SPEC).surroundings)


def start_child(folder: Path) -> subprocess.Popen:
    paths = [str(Path(__file__).parents[2] / "support" / "python"), *sys.path]
    return subprocess.Popen(
        [sys.executable, __file__, str(folder)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths), "OMP_NUM_THREADS": "1"},
    )


def wait_for_epoch(folder: Path, child: subprocess.Popen, epoch: int) -> None:
    deadline = time.monotonic() + 120
    while not any(int(path.name[6:12]) > epoch for path in folder.glob("epoch-*-step-????????")):
        assert child.poll() is None, "the child has ended by itself"
        assert time.monotonic() < deadline, "no checkpoint within two minutes"
        time.sleep(0.01)


@pytest.mark.timeout(400)
def test_killed_at_random_points_a_run_goes_on_from_a_whole_checkpoint(tmp_path):
    folder, epoch = tmp_path / "killed", 0
    for _ in range(3):
        child = start_child(folder)
        wait_for_epoch(folder, child, epoch)
        time.sleep(random.uniform(0, 0.3))
        child.send_signal(signal.SIGKILL)
        assert child.wait() == -signal.SIGKILL
        around = Around(folder, SPEC)
        loaded = around.surroundings.checkpoints.load()
        assert loaded is not None
        assert loaded.epoch > epoch
        assert not around.events  # nothing damaged
        epoch = loaded.epoch

    # and what it goes on to is what a run never killed comes to
    steps = epoch * make_job(SPEC).sampler.num_steps
    unbroken = make_job(SPEC)
    with pytest.raises(RunCancelled):
        fit(unbroken, Around(tmp_path / "unbroken", SPEC, stop_after=steps).surroundings)
    resumed = make_job(SPEC)
    with pytest.raises(RunCancelled):
        fit(resumed, Around(folder, SPEC, stop_after=0).surroundings)
    assert_same_bits(tensors_of(unbroken), tensors_of(resumed))
