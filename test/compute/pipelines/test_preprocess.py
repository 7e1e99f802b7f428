from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lghrec_compute.artifacts import ArtifactStore
from lghrec_compute.data.store import load_dataset
from lghrec_compute.dseg.store import load_semantic_ids
from lghrec_compute.errors import ConfigError, DataError, RunCancelled
from lghrec_compute.events import ArtifactStored, Event, Log, Metric, Progress, WarningRaised
from lghrec_compute.json_types import Json
from lghrec_compute.pipelines import preprocess
from lghrec_compute.pipelines.context import RunContext
from lghrec_compute.results import DatasetStatistics, FilterStep
from lghrec_compute.spec import PreprocessSpec, parse

TITLES = ["red apple pie", "green apple", "", "blue river song", "river dance", "steel engine"]


class Bench:
    """An import root with a small data set, and runs on it. `events` has the events of all runs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.root = folder / "imports"
        self.root.mkdir()
        self.events: list[Event] = []
        self.stop = threading.Event()
        rows = [(user, item) for user in range(8) for item in range(6)]
        self.write([f"u{user}\ti{item}\t{1 + item % 5}" for user, item in rows], TITLES)

    def write(self, interactions: list[str], titles: list[str] | None) -> None:
        header = "user_id:token\titem_id:token\trating:float"
        (self.root / "d.inter").write_text("\n".join([header, *interactions]) + "\n")
        (self.root / "d.item").unlink(missing_ok=True)
        if titles is not None:
            rows = [f"i{item}\t{title}" for item, title in enumerate(titles)]
            (self.root / "d.item").write_text("\n".join(["item_id:token\ttitle:token_seq", *rows]) + "\n")

    def run(self, run_id: str = "r1", **spec: Mapping[str, Any]) -> Json:
        resolved = parse(PreprocessSpec, {"source": {"path": "d.inter"}, "filter": {"k_core": 2}, **spec})
        context = RunContext(
            run_id, self.folder / run_id, self.folder, self.store, self.emit, (self.root,), self.stop
        )
        return preprocess.run(resolved, context)

    def emit(self, event: Event) -> None:
        self.events.append(event)

    @property
    def store(self) -> ArtifactStore:
        return ArtifactStore(self.folder / "artifacts")


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_preprocess_stores_a_data_set_and_its_semantic_ids(bench: Bench) -> None:
    result = bench.run(semantic={})
    dataset = load_dataset(bench.store.verified(result.dataset.id, "dataset"))
    ids = load_semantic_ids(bench.store.verified(result.semantic_ids.id, "semantic_ids"))
    # 8 users with 6 items each: 4 train, 1 valid, 1 test a user
    assert result.statistics == DatasetStatistics(
        num_users=8,
        num_items=6,
        num_interactions=48,
        num_train=32,
        num_valid=8,
        num_test=8,
        num_rows_read=48,
        num_duplicates=0,
        num_cold_users=0,
        num_cold_items=0,
        filters=(FilterStep("read", 48), FilterStep("duplicates removed", 48), FilterStep("2-core", 48)),
        split_sha256=dataset.meta["split_sha256"],
    )
    assert dataset.item_texts == {"title": TITLES}
    assert dataset.meta["name"] == "d"
    assert ids.meta["dataset"] == result.dataset.id
    assert (ids.meta["num_items"], ids.meta["num_missing"], ids.meta["num_truncated"]) == (6, 1, 0)
    assert (ids.meta["text_source"], ids.meta["encoder"], ids.meta["dim"]) == ("extractive", "minilm", 384)
    assert ids.mask_I.tolist() == [True, True, False, True, True, True]
    cosine_II = ids.semantic_IC @ ids.semantic_IC.T
    assert not ids.semantic_IC[2].any()
    assert cosine_II[0, 1] > cosine_II[0, 5]  # apples are nearer to apples than to engines


def test_preprocess_emits_progress_metrics_and_artifacts(bench: Bench) -> None:
    bench.run(semantic={"text_source": "raw_text"})
    phases = [event.phase for event in bench.events if isinstance(event, Progress)]
    assert list(dict.fromkeys(phases)) == [
        "read",
        "filter",
        "split",
        "describe",
        "encode",
        "neighbors",
        "store",
    ]
    for phase in set(phases):
        last = [event for event in bench.events if isinstance(event, Progress) and event.phase == phase][-1]
        assert last.done == last.total > 0
    metrics = {event.name for event in bench.events if isinstance(event, Metric)}
    figures = ("valid", "duplicate", "mean_cosine", "effective_rank", "with_text", "truncated")
    assert metrics >= {f"semantic/{name}" for name in figures}
    assert all(name.startswith("semantic/") for name in metrics)
    assert [event.artifact.kind for event in bench.events if isinstance(event, ArtifactStored)] == [
        "dataset",
        "semantic_ids",
    ]
    assert any("48 after 2-core" in event.line for event in bench.events if isinstance(event, Log))


def test_the_same_data_in_any_order_of_rows_gives_the_same_ids(bench: Bench) -> None:
    first = bench.run("r1", semantic={"text_source": "raw_text"})
    lines = (bench.root / "d.inter").read_text().splitlines()[1:]
    bench.write(list(np.random.default_rng(0).permutation(lines)), TITLES)
    second = bench.run("r2", semantic={"text_source": "raw_text"})
    assert first == second


def test_semantic_ids_are_computed_only_on_request(bench: Bench) -> None:
    result = bench.run()
    assert (result.semantic_ids, result.quality, result.estimate, result.preview) == (None, None, None, ())


def test_skipped_rows_and_duplicates_are_reported(bench: Bench) -> None:
    lines = (bench.root / "d.inter").read_text().splitlines()[1:]
    bench.write([*lines, "u0\ti0\t1", "u0\ti1\tbad"], None)
    statistics = bench.run().statistics
    assert (statistics.num_rows_read, statistics.num_duplicates) == (50, 1)
    assert [event.code for event in bench.events if isinstance(event, WarningRaised)] == ["rows_skipped"]


@pytest.mark.parametrize(
    ("spec", "error", "message"),
    [
        ({"filter": {"k_core": 7}}, DataError, "no interactions left after filtering: 48 after 'read'"),
        ({"filter": {"min_rating": 6}}, DataError, "'rating >= 6' removed the last"),
        ({"source": {"path": "missing"}}, DataError, "no file or folder 'missing'"),
        ({"source": {"path": "/etc/hosts"}}, ConfigError, "import roots"),
        (
            {"semantic": {"fields": ["plot"]}},
            ConfigError,
            "got 'plot', expected text fields of the data set: title",
        ),
    ],
)
def test_an_invalid_request_is_one_error_and_stores_nothing(
    bench: Bench, spec: Json, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        bench.run(**spec)
    assert bench.store.ids() == []


def test_semantic_ids_of_a_data_set_without_texts_are_rejected_and_nothing_is_stored(bench: Bench) -> None:
    lines = (bench.root / "d.inter").read_text().splitlines()[1:]
    bench.write(lines, None)
    with pytest.raises(DataError, match="the data set has no texts"):
        bench.run(semantic={})
    assert bench.store.ids() == []


def test_a_stopped_run_stores_nothing(bench: Bench) -> None:
    bench.stop.set()
    with pytest.raises(RunCancelled):
        bench.run()
    assert bench.store.ids() == []


def test_importing_the_pipeline_loads_no_torch() -> None:
    code = "import sys, lghrec_compute.pipelines.preprocess; print('torch' in sys.modules)"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "False"
