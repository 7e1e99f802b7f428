#!/usr/bin/env python3
"""Measure how fast texts become vectors: ONNX Runtime compared with torch, one thread, in one run.

    python test/bench/encode_speed.py --json out.json

The texts consist of words from the vocabulary of the bundled encoder and have one length or mixed lengths.
Rounds alternate between the two libraries, so that both meet the same machine. The figures are medians of
processor time, which the load of other processes changes less than wall time. The benchmark also measures
the time from the start of a process to the first vector, and what sorting by length saves for mixed
lengths. It returns 1 if the vectors of the two libraries differ by more than 1e-5.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from lghrec_compute.dseg.encode.encoder import Encoder, EncoderOptions, open_encoder

MAX_TOKENS = 256
LENGTHS = {"42 tokens": (42, 42), "200 tokens": (200, 200), "mixed 4-250": (4, 250)}
_WORDS = ("river", "stone", "music", "light", "engine", "garden", "winter", "story", "ocean", "paper")


def main() -> int:
    """Print a table of texts per second."""
    options = _options()
    if os.environ.get("OMP_NUM_THREADS") != "1":  # read when NumPy and torch are imported
        one = {f"{pool}_NUM_THREADS": "1" for pool in ("OMP", "MKL", "OPENBLAS")}
        return subprocess.run([sys.executable, *sys.argv], env={**os.environ, **one}, check=False).returncode
    with tempfile.TemporaryDirectory() as folder:
        cache = Path(folder)
        encoders = {
            "torch": open_encoder(),
            "onnxruntime": open_encoder(options=EncoderOptions(cache_dir=cache)),
        }
        assert [encoder.runtime for encoder in encoders.values()] == list(encoders)
        results = [_measure(name, encoders, options) for name in LENGTHS]
        starts = {name: _start(name, cache, options.rounds) for name in encoders}
    sorting = _sorting(encoders["onnxruntime"], options)
    _tell(f"{'texts':12} {'torch/s':>9} {'onnx/s':>9} {'ratio':>6} {'differ by':>10}")
    for row in results:
        rates = f"{row['torch']:9.1f} {row['onnxruntime']:9.1f} {row['ratio']:6.2f}"
        _tell(f"{row['texts']:12} {rates} {row['difference']:10.1e}")
    shown = ", ".join(f"{name} {seconds:.2f} s" for name, seconds in starts.items())
    _tell(f"process start to first vector: {shown}")
    _tell(f"mixed lengths, batches by length against batches in order: {sorting:.2f} times as fast")
    if options.json:
        out = {"rates": results, "start_s": starts, "sorting": sorting}
        Path(options.json).write_text(json.dumps(out, indent=2) + "\n")
    return int(max(row["difference"] for row in results) > 1e-5)


def _measure(name: str, encoders: dict[str, Encoder], options: argparse.Namespace) -> dict[str, Any]:
    texts = _texts(*LENGTHS[name], options.texts)
    seconds: dict[str, list[float]] = {runtime: [] for runtime in encoders}
    vectors: dict[str, np.ndarray] = {}
    for _ in range(options.rounds):
        for runtime, encoder in encoders.items():
            start = time.process_time()
            vectors[runtime] = encoder.encode(texts, max_tokens=MAX_TOKENS).vectors_NC
            seconds[runtime].append(time.process_time() - start)
    rates = {runtime: len(texts) / median(values) for runtime, values in seconds.items()}
    difference = float(np.abs(vectors["torch"] - vectors["onnxruntime"]).max())
    ratio = rates["onnxruntime"] / rates["torch"]
    return {"texts": name, **rates, "ratio": ratio, "difference": difference}


def _sorting(encoder: Encoder, options: argparse.Namespace) -> float:
    """Compare batches of 20 texts in the given order, padded to the longest, with batches sorted by
    length."""
    texts = _texts(*LENGTHS["mixed 4-250"], options.texts)
    start = time.process_time()
    encoder.encode(texts, max_tokens=MAX_TOKENS)
    sorted_s = time.process_time() - start
    ids = [encoding.ids for encoding in encoder._tokenizer.encode_batch(texts)]
    start = time.process_time()
    for at in range(0, len(ids), 20):
        part = ids[at : at + 20]
        padded = np.zeros((len(part), max(map(len, part))), np.int64)
        for row, tokens in enumerate(part):
            padded[row, : len(tokens)] = tokens
        encoder._model.pooled(padded, np.array([len(tokens) for tokens in part]))
    return (time.process_time() - start) / sorted_s


def _start(runtime: str, cache: Path, rounds: int) -> float:
    """Return the processor seconds of a process that encodes one text while the graph is cached."""
    options = f"EncoderOptions(cache_dir=Path({str(cache)!r}))" if runtime == "onnxruntime" else ""
    code = (
        "from pathlib import Path; from lghrec_compute.dseg.encode.encoder import *; import time; "
        f"open_encoder(options={options or 'EncoderOptions()'}).encode(['a river'], max_tokens=16); "
        "print(time.process_time())"
    )
    runs = [
        subprocess.run([sys.executable, "-c", code], capture_output=True, check=True) for _ in range(rounds)
    ]
    return median(float(run.stdout) for run in runs)


def _texts(low: int, high: int, num: int) -> list[str]:
    """Return distinct texts of `low` to `high` tokens, including the two special tokens."""
    rng = np.random.default_rng(0)
    return [" ".join(rng.choice(_WORDS, size=rng.integers(low, high + 1) - 2)) for _ in range(num)]


def _tell(line: str) -> None:
    sys.stdout.write(line + "\n")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--texts", type=int, default=400)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", help="file to write the figures to")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
