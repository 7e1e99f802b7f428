"""Mapped tensors equal the saved ones, are never written to the file, and broken files are rejected."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from lghrec_compute.errors import IntegrityError
from lghrec_compute.mapped_tensors import map_matrix, map_tensors


def test_tensors_equal_the_saved_ones_and_writing_leaves_the_file(
    tmp_path: Path,
) -> None:
    path = tmp_path / "a.safetensors"
    saved = {
        "half": np.arange(6, dtype=np.float16).reshape(2, 3),
        "mask": np.array([True, False]),
        "number": np.array(7, np.int64),
        "none": np.zeros((0, 4), np.float32),
    }
    save_file(saved, path, metadata={"method": "pca"})
    before = path.read_bytes()
    mapped = map_tensors(path)
    assert mapped.keys() == saved.keys()
    for name, value in saved.items():
        assert mapped[name].dtype == value.dtype
        assert mapped[name].shape == value.shape
        assert np.array_equal(mapped[name], value)
    mapped["half"][0, 0] = 9
    assert path.read_bytes() == before
    assert map_tensors(path)["half"][0, 0] == 0


@pytest.mark.parametrize(
    "header",
    [
        {},
        {"m": {"dtype": "F64", "shape": [2, 1], "data_offsets": [0, 16]}},
        {"m": {"dtype": "F32", "shape": [4], "data_offsets": [0, 16]}},
        {"m": {"dtype": "F32", "shape": [2, 1], "data_offsets": [0, 16]}},
        {"m": {"dtype": "F32", "shape": [100, 1], "data_offsets": [0, 400]}},  # past the end
        {"m": "nothing"},
    ],
)
def test_files_without_the_matrix_are_refused(tmp_path: Path, header: dict[str, object]):
    text = json.dumps(header).encode()
    path = tmp_path / "a.safetensors"
    path.write_bytes(struct.pack("<Q", len(text)) + text + bytes(16))
    with pytest.raises(
        IntegrityError, match=r"^a\.safetensors(: expected a float32 matrix 'm'| cannot be read)"
    ):
        map_matrix(path, "m")
    path.write_bytes(b"\xff" * 9)
    with pytest.raises(IntegrityError):
        map_matrix(path, "m")


@pytest.mark.parametrize("cut", [3, 20, 200])
def test_a_cut_file_is_reported(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "vectors.safetensors"
    save_file({"X": np.ones((5, 7), np.float32), "mask": np.ones(5, np.bool_)}, path)
    whole = path.read_bytes()
    path.write_bytes(whole[:-1][:cut])
    with pytest.raises(IntegrityError, match=r"vectors\.safetensors cannot be read"):
        map_tensors(path)
