#!/usr/bin/env python3
"""Measure the memory of texts that wait for a language model, and of texts that are complete.

    python test/bench/queue_memory.py --items 10000 --items 700000

For each number, a separate process queues that many descriptions, of which it keeps none, lets an engine
that answers at once complete `--made` of them, and stops. It reports resident memory at the start of the
queue and at the stop. Growth of more than 20 MB from the first number to the last is a failure. With
`--all`, all texts are completed; then the growth is the texts themselves, which the run needs for its
artifact.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path

GOAL_MB = 20


def main() -> int:
    """Return 1 if memory grows with the queue."""
    options = _options()
    if options.child:
        print(json.dumps(_measure(options.child, options)))
        return 0
    results = [_run(num, options) for num in options.items]
    print(f"{'queued':>9} {'made':>9} {'before MB':>10} {'after MB':>9} {'s':>7}")
    for one in results:
        print(
            f"{one['queued']:9,} {one['made']:9,} {one['before_mb']:10.1f} {one['after_mb']:9.1f} "
            f"{one['seconds']:7.1f}"
        )
    grown = results[-1]["after_mb"] - results[0]["after_mb"]
    print(f"from {results[0]['queued']:,} to {results[-1]['queued']:,}: {grown:+.1f} MB")
    return int(not options.all and grown > GOAL_MB)


def _run(num: int, options: argparse.Namespace) -> dict:
    command = [sys.executable, __file__, "--child", str(num), "--made", str(options.made)]
    if options.all:
        command.append("--all")
    return json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)


def _measure(num: int, options: argparse.Namespace) -> dict:
    sys.path.insert(0, str(Path(__file__).parents[1] / "support" / "python"))
    import psutil
    from texts import Items, engine

    from lghrec_compute.dseg.llm.session import open_session
    from lghrec_compute.errors import RunCancelled

    process, stop = psutil.Process(), threading.Event()
    seen: dict[str, int] = {"made": 0, "rss": 0}

    def watch(counts: object, _total: int) -> None:
        seen["made"] = counts.num  # type: ignore[attr-defined]
        seen["rss"] = process.memory_info().rss
        if not options.all and seen["made"] >= options.made:
            stop.set()

    with tempfile.TemporaryDirectory() as folder, open_session(engine(), Path(folder)) as session:
        before, start = process.memory_info().rss, time.monotonic()
        with suppress(RunCancelled):
            session.generate(Items(num), is_stopped=stop.is_set, on_progress=watch)
        seconds = time.monotonic() - start
    return {
        "queued": num,
        "made": seen["made"],
        "before_mb": before / 1e6,
        "after_mb": seen["rss"] / 1e6,
        "seconds": seconds,
    }


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--items", type=int, action="append", help="may be given again")
    parser.add_argument("--made", type=int, default=5_000)
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--child", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    options.items = options.items or [10_000, 700_000]
    return options


if __name__ == "__main__":
    sys.exit(main())
