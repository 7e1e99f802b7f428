from __future__ import annotations

from pathlib import Path

import numpy as np

from lghrec_compute.artifacts import Artifact, ArtifactStore
from lghrec_compute.dseg.runner import TextRow
from lghrec_compute.dseg.store import SemanticIds, load_semantic_ids, save_semantic_ids

IDS = SemanticIds(
    np.array([[1, 2, 3], [0, 0, 0]], dtype=np.float32),
    np.array([True, False]),
    (TextRow("keywords: a\nä", "a", ("thin", "truncated")), TextRow("", flags=("no_text",))),
    {"dataset": "1" * 64, "dim": 3},
)


def stored(root: Path, run_id: str) -> Artifact:
    return save_semantic_ids(ArtifactStore(root), IDS, run_id=run_id).stored


def test_semantic_ids_come_back_as_they_were(tmp_path: Path) -> None:
    loaded = load_semantic_ids(stored(tmp_path, "r1"))
    assert loaded.semantic_IC.dtype == np.float32
    assert np.array_equal(loaded.semantic_IC, IDS.semantic_IC)
    assert loaded.mask_I.tolist() == [True, False]
    assert loaded.rows == IDS.rows
    assert loaded.meta == IDS.meta


def test_the_same_semantic_ids_have_the_same_bytes_and_id(tmp_path: Path) -> None:
    first, second = stored(tmp_path / "1", "r1"), stored(tmp_path / "2", "r2")
    assert first.id == second.id
    for file in first.files:
        assert first.path(file.path).read_bytes() == second.path(file.path).read_bytes()
