from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from lghrec_compute.artifacts import Artifact, ArtifactStore
from lghrec_compute.data.dataset import Dataset, Part
from lghrec_compute.data.store import load_dataset, save_dataset
from lghrec_compute.errors import ConfigError


def part(*pairs: tuple[int, int]) -> Part:
    array = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    return Part(array[:, 0], array[:, 1])


DATASET = Dataset(
    train=part((0, 0), (0, 2), (1, 1)),
    valid=part((1, 0)),
    test=part(),
    user_ids=["a", "é"],
    item_ids=["x", "y", "z"],
    item_texts={"title": ["one", "", "three"], "class": ["", "", "k"]},
    meta={"name": "small", "num_users": 2, "split_sha256": "0" * 64},
)


def stored(root: Path, run_id: str) -> Artifact:
    return save_dataset(ArtifactStore(root), DATASET, run_id=run_id).stored


def test_a_data_set_is_read_back_unchanged(tmp_path: Path) -> None:
    loaded = load_dataset(stored(tmp_path, "r1"))
    for got, expected in zip(loaded.parts, DATASET.parts, strict=True):
        assert got.user_E.dtype == got.item_E.dtype == np.int64
        assert np.array_equal(got.user_E, expected.user_E)
        assert np.array_equal(got.item_E, expected.item_E)
    assert (loaded.user_ids, loaded.item_ids) == (DATASET.user_ids, DATASET.item_ids)
    assert loaded.item_texts == DATASET.item_texts
    assert loaded.meta == DATASET.meta
    assert (loaded.num_users, loaded.num_items, loaded.num_interactions) == (2, 3, 4)


def test_the_same_data_set_has_the_same_bytes_and_id(tmp_path: Path) -> None:
    first, second = stored(tmp_path / "1", "r1"), stored(tmp_path / "2", "r2")
    assert first.id == second.id
    for file in first.files:
        assert first.path(file.path).read_bytes() == second.path(file.path).read_bytes()


def test_another_kind_of_artifact_is_refused(tmp_path: Path) -> None:
    artifact = stored(tmp_path, "r1")
    with pytest.raises(ConfigError, match="got dataset, expected semantic_ids"):
        ArtifactStore(tmp_path).get(artifact.id, "semantic_ids")


def test_known_and_unknown_times_are_read_back(tmp_path: Path) -> None:
    parts = [
        replace(each, time_E=np.where(np.arange(len(each)) == 0, np.nan, 1.5e9)) for each in DATASET.parts
    ]
    timed = replace(DATASET, train=parts[0], valid=parts[1], test=parts[2])
    artifact = save_dataset(ArtifactStore(tmp_path), timed, run_id="r").stored
    column = pq.read_table(artifact.path("interactions.parquet"))["time"]
    assert (str(column.type), column.null_count) == ("double", 2)
    for got, expected in zip(load_dataset(artifact).parts, parts, strict=True):
        assert got.time_E is not None
        assert np.array_equal(got.time_E, expected.time_E, equal_nan=True)
    assert all(part.time_E is None for part in load_dataset(stored(tmp_path / "2", "r")).parts)
