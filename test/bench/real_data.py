#!/usr/bin/env python3
"""Prepare real data sets as a preprocess run does, and compare their statistics with the known ones.

    python test/bench/real_data.py --data DATA

DATA contains the folders that are named below. The known numbers come from the description of each folder.
The benchmark returns 1 if a number differs, unless `counted` holds the number that was counted; then `why`
says how the number of the description is defined.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lghrec_compute.artifacts import ArtifactStore
from lghrec_compute.data.store import load_dataset, save_dataset
from lghrec_compute.events import Event, WarningRaised
from lghrec_compute.pipelines.context import RunContext
from lghrec_compute.pipelines.prepare_data import prepare
from lghrec_compute.spec import PreprocessSpec, parse

GIVEN = {"split": {"method": "given"}, "filter": {"k_core": 1}}


@dataclass(frozen=True)
class Case:
    """A spec with the known numbers of users, items and interactions, and of each part if the split is
    given."""

    source: dict[str, Any]
    known: tuple[int, ...]
    rest: dict[str, Any] = field(default_factory=dict)
    counted: tuple[int, ...] | None = None
    why: str = ""


RATINGS = {"user": "user_id", "item": "item_id", "rating": "rating", "timestamp": "timestamp"}
CASES = (
    Case({"path": "amazon-scientific", "format": "json_maps"}, (8317, 4344, 58_492)),
    Case({"path": "amazon-office", "format": "json_maps"}, (4905, 2420, 53_258)),
    Case(
        {
            "path": "ml-100k-plots",
            "format": "delimited",
            "columns": {**RATINGS, "text": ["title", "plot", "genres", "directors", "cast", "year"]},
            "files": {"items": "items_info.json"},
        },
        (943, 1682, 100_000),
        {"filter": {"k_core": 1}},
    ),
    Case({"path": "dbbook2014-kg", "format": "adjacency"}, (5576, 2680, 65_961, 50_745, 0, 15_216), GIVEN),
    Case(
        {"path": "douban-book", "format": "adjacency"}, (13_024, 22_347, 792_062, 633_649, 0, 158_413), GIVEN
    ),
    Case(
        {
            "path": "lastfm",
            "format": "delimited",
            "columns": {"user": "0", "item": "1", "rating": "2"},
            "files": {"train": "train.txt", "test": "test.txt"},
        },
        (1892, 4489, 52_668, 42_135, 0, 10_533),
        GIVEN,
        (1880, 4489, 52_668, 42_135, 0, 10_533),
        "1,892 is the largest user number; twelve of those below it have no row",
    ),
)


def main() -> int:
    """Return 1 if a number differs."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", required=True, type=Path)
    data = parser.parse_args().data.resolve()
    num_wrong = 0
    for case in CASES:
        with tempfile.TemporaryDirectory() as folder:
            num_wrong += not _show(case, data, Path(folder))
    return int(num_wrong > 0)


def _show(case: Case, data: Path, folder: Path) -> bool:
    events: list[Event] = []
    store = ArtifactStore(folder / "artifacts")
    context = RunContext("bench", folder / "run", folder, store, events.append, import_roots=(data,))
    start = time.monotonic()
    dataset, statistics = prepare(parse(PreprocessSpec, {"source": case.source, **case.rest}), context)
    artifact = save_dataset(store, dataset, run_id="bench").stored
    seconds = time.monotonic() - start
    loaded = load_dataset(artifact)
    counts = (loaded.num_users, loaded.num_items, loaded.num_interactions, *map(len, loaded.parts))
    same = counts[: len(case.known)] == case.known
    explained = case.counted is not None and counts[: len(case.counted)] == case.counted
    verdict = "as known" if same else "explained" if explained else "DIFFERS"
    shown = " / ".join(f"{count:,}" for count in counts)
    print(f"{case.source['path']:18} {verdict:9} {shown} in {seconds:.2f} s")
    cold = f"{statistics['num_cold_users']:,} cold users, {statistics['num_cold_items']:,} cold items"
    texts = [" ".join(fields).strip() for fields in zip(*dataset.item_texts.values(), strict=True)]
    num_texts = sum(map(bool, texts))
    print(f"{'':18} {cold}; {num_texts:,} items with text: {', '.join(dataset.item_texts) or 'none'}")
    for warning in (event for event in events if isinstance(event, WarningRaised)):
        print(f"{'':18} {warning.code}: {warning.message}")
    if not same:
        print(f"{'':18} known: {' / '.join(f'{count:,}' for count in case.known)}; {case.why}")
    return same or explained


if __name__ == "__main__":
    sys.exit(main())
