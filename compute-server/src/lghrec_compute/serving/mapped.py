"""Tensors of a safetensors file, mapped: nothing is read before it is used, and pages are shared."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import numpy as np

from lghrec_compute.errors import IntegrityError
from lghrec_compute.types import Floats

_LENGTH = struct.Struct("<Q")
_MAX_HEADER = 100_000_000  # bytes; the format's own bound


def map_matrix(path: Path, name: str) -> Floats:
    """The float32 matrix of this name, read-only and row-major, without loading it.

    Raises `IntegrityError` if the file has none or is cut.
    """
    try:
        with path.open("rb") as file:
            (length,) = _LENGTH.unpack(file.read(_LENGTH.size))
            header = json.loads(file.read(min(length, _MAX_HEADER)))
        entry = header[name]
        (rows, columns), (begin, end) = entry["shape"], entry["data_offsets"]
        if entry["dtype"] != "F32" or end - begin != 4 * rows * columns:
            raise ValueError(f"got {entry['dtype']} {entry['shape']} in {end - begin} bytes")
        if rows * columns == 0:
            return np.zeros((rows, columns), np.float32)
        offset = _LENGTH.size + length + begin
        return np.memmap(path, dtype="<f4", mode="r", offset=offset, shape=(rows, columns))
    except (struct.error, ValueError, LookupError, TypeError) as error:
        raise IntegrityError(
            f"{path.name}: no float32 matrix {name!r} can be read: {error}", hint="train the model again"
        ) from error
