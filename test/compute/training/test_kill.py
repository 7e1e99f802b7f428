"""A process that is killed with -9 while it trains and writes checkpoints; the training resumes
afterwards."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from training_setups import Recorder, assert_same_bits, make_setup, tensors_of, train_spec

from lghrec_compute.errors import RunCancelled
from lghrec_compute.training import fit

SPEC = train_spec(
    {"name": "mf"},
    epochs=100_000,
    batch_size=400,
    early_stop={"patience": 10_000, "every_epochs": 5},
    checkpoint={"every_epochs": 1},
)

if __name__ == "__main__":  # the child process trains until it is killed
    fit(make_setup(SPEC), Recorder(Path(sys.argv[1]), SPEC).hooks)


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
def test_killed_at_random_points_a_run_resumes_from_an_intact_checkpoint(tmp_path):
    folder, epoch = tmp_path / "killed", 0
    for _ in range(3):
        child = start_child(folder)
        wait_for_epoch(folder, child, epoch)
        time.sleep(random.uniform(0, 0.3))
        child.send_signal(signal.SIGKILL)
        assert child.wait() == -signal.SIGKILL
        recorder = Recorder(folder, SPEC)
        loaded = recorder.hooks.checkpoints.load()
        assert loaded is not None
        assert loaded.epoch > epoch
        assert not recorder.events  # nothing damaged
        epoch = loaded.epoch

    # the resumed run ends with the bits of a run without interruption
    steps = epoch * make_setup(SPEC).sampler.num_steps
    unbroken = make_setup(SPEC)
    with pytest.raises(RunCancelled):
        fit(unbroken, Recorder(tmp_path / "unbroken", SPEC, stop_after=steps).hooks)
    resumed = make_setup(SPEC)
    with pytest.raises(RunCancelled):
        fit(resumed, Recorder(folder, SPEC, stop_after=0).hooks)
    assert_same_bits(tensors_of(unbroken), tensors_of(resumed))
