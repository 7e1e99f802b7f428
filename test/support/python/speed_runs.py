"""Run speed_one.py in separate processes; shared by the speed benchmarks."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from bench_steps import Json, Steps

SUPPORT = Path(__file__).parent


def threads_env(threads: int) -> dict[str, str]:
    """Return an environment that limits every thread pool of a process to this number of threads."""
    return {f"{pool}_NUM_THREADS": str(threads) for pool in ("OMP", "MKL", "OPENBLAS")}


def timed(steps: Steps, dataset: str, asked: Json) -> Json:
    """Return the figures of speed_one.py for a prepared data set; one thread unless `asked` sets
    `threads`."""
    asked = {**asked, "store": str(steps.work / "artifacts"), "dataset": dataset}
    command = [sys.executable, str(SUPPORT / "speed_one.py"), json.dumps(asked)]
    return json_of(command, threads_env(asked.get("threads", 1)))


def json_of(command: list[str], env: Mapping[str, str]) -> Json:
    """Return the last line of a child process as JSON. Raises `subprocess.CalledProcessError` if it fails."""
    done = subprocess.run(command, env={**os.environ, **env}, stdout=subprocess.PIPE, check=True, text=True)
    return json.loads(done.stdout.splitlines()[-1])
