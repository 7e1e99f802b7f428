from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
import pytest

from lghrec_compute.artifacts import Artifact, ArtifactStore
from lghrec_compute.dseg.encode.transform import transform_vectors
from lghrec_compute.dseg.store import SemanticIds, load_semantic_ids, open_vectors, save_semantic_ids
from lghrec_compute.dseg.text.item_texts import TextRow
from lghrec_compute.errors import IntegrityError
from lghrec_compute.mapped_tensors import map_tensors

IDS = SemanticIds(
    np.array([[1, 2, 3], [0, 0, 0]], dtype=np.float32),
    np.array([True, False]),
    (TextRow("keywords: a\nä", "a", ("thin", "truncated")), TextRow("", flags=("no_text",))),
    {"dataset": "1" * 64, "dim": 3},
)


def stored(root: Path, run_id: str) -> Artifact:
    return save_semantic_ids(ArtifactStore(root), IDS, run_id=run_id).stored


def test_semantic_ids_are_read_back_unchanged(tmp_path: Path) -> None:
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


TRANSFORMED = transform_vectors(
    "pca",
    np.random.default_rng(0).normal(size=(50, 6)).astype(np.float32),
    np.arange(50) > 0,
    fit_I=np.ones(50, np.bool_),
    dim=4,
)


def stored_transformed(root: Path) -> Artifact:
    rows = [TextRow(f"item {item}") for item in range(50)]
    ids = SemanticIds(
        TRANSFORMED.semantic_IC, np.arange(50) > 0, rows, {}, TRANSFORMED.raw_IC, TRANSFORMED.transform
    )
    return save_semantic_ids(ArtifactStore(root), ids, run_id="r").stored


def test_the_encoders_vectors_are_stored_too(tmp_path: Path) -> None:
    loaded = load_semantic_ids(stored_transformed(tmp_path))
    assert TRANSFORMED.raw_IC is not None
    assert loaded.raw_IC is not None
    assert loaded.transform is not None
    assert loaded.raw_IC.tobytes() == TRANSFORMED.raw_IC.tobytes()
    again = loaded.transform.apply(loaded.raw_IC.astype(np.float32), loaded.mask_I)
    assert again.tobytes() == loaded.semantic_IC.tobytes()


def test_vectors_lie_on_the_file_and_the_file_cannot_be_spoiled(tmp_path: Path) -> None:
    artifact = stored(tmp_path, "r1")
    semantic_IC, mask_I = open_vectors(artifact)
    assert isinstance(semantic_IC, np.memmap)
    assert mask_I.tolist() == [True, False]
    semantic_IC[0] = 9
    assert open_vectors(artifact)[0][0].tolist() == [1, 2, 3]


def test_half_precision_is_kept(tmp_path: Path) -> None:
    half = replace(IDS, semantic_IC=IDS.semantic_IC.astype(np.float16))
    artifact = save_semantic_ids(ArtifactStore(tmp_path), half, run_id="r").stored
    assert open_vectors(artifact)[0].dtype == np.float16


def _bytes_read_and_resident() -> np.ndarray:
    """Bytes that this process has read with system calls so far, and bytes of memory that it holds."""
    process = psutil.Process()
    counters = getattr(process, "io_counters", None)  # Linux has them, macOS has not
    return np.array([counters().read_chars if counters else 0, process.memory_info().rss])


def test_a_large_file_is_opened_without_reading_it_and_a_changed_byte_is_seen(tmp_path: Path) -> None:
    # 704,093 x 128 float16, 180 MB, in a sparse file
    rows, columns = 704_093, 128
    size = rows * columns * 2
    header = json.dumps({"X": {"dtype": "F16", "shape": [rows, columns], "data_offsets": [0, size]}}).encode()
    path = tmp_path / "big.safetensors"
    with path.open("wb") as file:
        file.write(len(header).to_bytes(8, "little") + header)
        file.truncate(8 + len(header) + size)
    before = _bytes_read_and_resident()
    mapped = map_tensors(path)["X"]
    assert max(_bytes_read_and_resident() - before) < 20e6
    assert mapped.shape == (rows, columns)
    assert mapped[-1].tolist() == [0] * columns

    artifact = stored_transformed(tmp_path / "store")
    vectors = artifact.path("raw.safetensors")
    data = bytearray(vectors.read_bytes())
    data[-1] ^= 1
    vectors.write_bytes(data)
    with pytest.raises(IntegrityError, match=r"raw\.safetensors does not match its recorded hash"):
        ArtifactStore(tmp_path / "store").verified(artifact.id)


def test_a_crash_while_writing_leaves_no_part_and_the_old_artifact_unchanged(tmp_path: Path) -> None:
    before = stored(tmp_path, "r1")

    def crash(_folder: Path) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        save_semantic_ids(ArtifactStore(tmp_path), replace(IDS, meta={}), run_id="r2", write_more=crash)
    store = ArtifactStore(tmp_path)
    assert store.ids() == [before.id]
    assert not list((tmp_path / "drafts").iterdir())
    assert store.verified(before.id).id == before.id
