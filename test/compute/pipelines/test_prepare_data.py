from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lghrec_compute.artifacts import ArtifactStore
from lghrec_compute.data.dataset import Dataset
from lghrec_compute.errors import DataError
from lghrec_compute.events import Event, Progress, WarningRaised
from lghrec_compute.pipelines.context import RunContext
from lghrec_compute.pipelines.prepare_data import prepare
from lghrec_compute.results import DatasetStatistics, FilterStep
from lghrec_compute.spec import PreprocessSpec, parse

GENERATED = {"users": 100, "items": 60, "interactions": 1200, "categories": 6}


def prepared(
    folder: Path, events: list[Event] | None = None, **spec: Any
) -> tuple[Dataset, DatasetStatistics]:
    emit = (events if events is not None else []).append
    context = RunContext("r", folder / "r", folder, ArtifactStore(folder / "artifacts"), emit, (folder,))
    return prepare(parse(PreprocessSpec, {"filter": {"k_core": 1}, **spec}), context)


def test_a_generated_source_is_prepared_like_any_other(tmp_path: Path) -> None:
    events: list[Event] = []
    dataset, statistics = prepared(tmp_path, events, source={"generator": GENERATED})
    assert (dataset.num_users, dataset.num_interactions) == (100, 1200)
    assert statistics.filters == (
        FilterStep("read", 1200),
        FilterStep("duplicates removed", 1200),
        FilterStep("1-core", 1200),
    )
    assert list(dataset.item_texts) == ["title", "description", "category"]
    assert {event.phase for event in events if isinstance(event, Progress)} == {"read", "filter", "split"}
    again, _ = prepared(tmp_path, source={"generator": GENERATED})
    assert again.meta == dataset.meta


def test_cold_items_come_with_the_given_split(tmp_path: Path) -> None:
    source = {"generator": {**GENERATED, "cold_items": 0.25}}
    _, statistics = prepared(tmp_path, source=source, split={"method": "given"})
    assert statistics.num_cold_items >= 15  # a quarter of 60; chance may add one


def test_pairs_of_two_parts_stay_in_the_earlier_part_with_a_warning(tmp_path: Path) -> None:
    (tmp_path / "train.txt").write_text("u 1 2\nv 1\n")
    (tmp_path / "test.txt").write_text("u 2 3\n")
    events: list[Event] = []
    source = {"path": str(tmp_path), "format": "adjacency"}
    dataset, statistics = prepared(tmp_path, events, source=source, split={"method": "given"})
    assert [len(part) for part in dataset.parts] == [3, 0, 1]
    assert statistics.num_duplicates == 1
    warnings = [event for event in events if isinstance(event, WarningRaised)]
    message = "1 pairs of the given split are in two parts, and the earlier part keeps them"
    assert warnings == [WarningRaised("split_overlap", message)]


def test_a_split_that_the_source_does_not_support_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "interactions.txt").write_text("u 1 2\n")
    source = {"path": str(tmp_path), "format": "adjacency"}
    for method, message in (("given", "no given split"), ("temporal", "no times")):
        with pytest.raises(DataError, match=message):
            prepared(tmp_path, source=source, split={"method": method})
