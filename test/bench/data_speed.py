#!/usr/bin/env python3
"""Measure the time and the memory of reading, filtering, splitting and storing a large data set.

    python test/bench/data_speed.py --size amazon-book-size --json out.json

The benchmark first writes a generated data set of the size to Parquet (string ids and a time); this part is
not measured. Then a separate process on two cores reads the file, computes the 5-core, splits it 8:1:1 for
each user and stores the artifact. It prints the seconds of each phase, the total, the processor time, and
the peak of resident memory. `--json` writes the same figures together with the load of the machine, because
other work on the two cores makes all times longer.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict
from itertools import pairwise
from pathlib import Path

from lghrec_compute.data.sizes import Sizes, resolve_sizes
from lghrec_compute.spec.source import GENERATOR_SIZES, GeneratorSpec

PHASES = ("read", "filter", "split", "store")


def main() -> int:
    """Return 1 if a goal is missed."""
    options = _options()
    if options.child:
        print(json.dumps(_measure(Path(options.child))))
        return 0
    results = [_run(name, Path(options.work), options) for name in options.size]
    print("".join(f"{title:>9}" for title in ("M rows", *PHASES, "total", "cpu", "peak GB")), " size")
    for one in results:
        figures = [
            one["num_rows"] / 1e6,
            *(one["seconds"][phase] for phase in (*PHASES, "total", "cpu")),
            one["peak_gb"],
        ]
        print("".join(f"{figure:9.2f}" for figure in figures), "", one["size"])
    if options.json:
        Path(options.json).write_text(json.dumps(results, indent=2) + "\n")
    missed = [one for one in results if one["seconds"]["total"] > one["goal_s"] or one["peak_gb"] > 6]
    for one in missed:
        print(f"{one['size']}: goal is {one['goal_s']:.0f} s and 6 GB", file=sys.stderr)
    return int(bool(missed))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--size", action="append", choices=sorted(GENERATOR_SIZES), help="may be given again")
    parser.add_argument("--work", default=str(Path(tempfile.gettempdir()) / "lghrec-data-speed"))
    parser.add_argument("--json", help="file to write the figures to")
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--child", help=argparse.SUPPRESS)
    options = parser.parse_args()
    options.size = options.size or ["yelp2018-size", "amazon-book-size"]
    return options


def _run(name: str, work: Path, options: argparse.Namespace) -> dict:
    sizes = resolve_sizes(GeneratorSpec(size=name))
    parquet = work / f"{name}.parquet"
    if not parquet.exists():
        work.mkdir(parents=True, exist_ok=True)
        start = time.monotonic()
        _write(sizes, parquet)
        print(f"{name} generated and written in {time.monotonic() - start:.1f} s", file=sys.stderr)
    cores = sorted(os.sched_getaffinity(0))[: options.cores]
    env = {**os.environ, "POLARS_MAX_THREADS": str(len(cores)), "OMP_NUM_THREADS": str(len(cores))}
    command = [sys.executable, __file__, "--child", str(parquet)]
    answer = subprocess.run(
        command,
        stdout=subprocess.PIPE,
        check=True,
        env=env,
        preexec_fn=lambda: os.sched_setaffinity(0, cores),
    )
    # the time goals are proportional: 60 s for 27 M, at least 10 s
    return {
        "size": name,
        "sizes": asdict(sizes),
        "cores": len(cores),
        "goal_s": max(10.0, 60.0 * sizes.interactions / 27e6),
        **json.loads(answer.stdout),
    }


def _write(sizes: Sizes, path: Path) -> None:
    from lghrec_compute.data.generate import generate
    from lghrec_compute.data.raw import ReadContext
    from lghrec_compute.data.source_files import SourceFiles

    raw = generate(SourceFiles(sizes.name, "generator", generator=sizes), ReadContext(lambda _event: None))
    # shuffled, so that the reader cannot rely on an order
    rows = raw.interactions.drop("part").sample(fraction=1.0, shuffle=True, seed=1)
    rows.write_parquet(path.with_suffix(".tmp"), row_group_size=1_000_000)
    path.with_suffix(".tmp").rename(path)


def _measure(path: Path) -> dict:
    start = time.monotonic()
    from lghrec_compute.artifacts import ArtifactStore
    from lghrec_compute.data.filters import apply_filters
    from lghrec_compute.data.prepare import split_dataset
    from lghrec_compute.data.raw import ReadContext
    from lghrec_compute.data.readers import reader_of
    from lghrec_compute.data.source_files import SourceFiles
    from lghrec_compute.data.store import save_dataset
    from lghrec_compute.spec.preprocess import FilterSpec, SplitSpec
    from lghrec_compute.spec.source import ColumnsSpec

    marks = [start]
    cpu_start = time.process_time()
    columns = ColumnsSpec(timestamp="timestamp")
    files = SourceFiles(path.stem, "parquet", {"interactions": path}, columns)
    raw = reader_of("parquet")(files, ReadContext(lambda _event: None))
    marks.append(time.monotonic())
    filtered = apply_filters(raw.interactions, FilterSpec(k_core=5))
    num_rows = raw.num_rows_read
    raw = type(raw)(raw.interactions.clear(), raw.items, (), num_rows)
    marks.append(time.monotonic())
    dataset = split_dataset(filtered.interactions, raw, SplitSpec(), about={"name": path.stem})
    marks.append(time.monotonic())
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        artifact = save_dataset(ArtifactStore(Path(folder)), dataset, run_id="bench").stored
        marks.append(time.monotonic())
        size_bytes = artifact.size_bytes
    phases = dict(zip(PHASES, _differences(marks), strict=True))
    return {
        "num_rows": num_rows,
        "num_kept": len(filtered.interactions),
        "num_users": dataset.num_users,
        "num_items": dataset.num_items,
        "artifact_bytes": size_bytes,
        "seconds": {**phases, "total": marks[-1] - marks[0], "cpu": time.process_time() - cpu_start},
        "load": os.getloadavg()[0],
        "peak_gb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9,
    }


def _differences(marks: list[float]) -> list[float]:
    return [after - before for before, after in pairwise(marks)]


if __name__ == "__main__":
    sys.exit(main())
