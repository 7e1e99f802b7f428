"""Tensors of a safetensors file as arrays on the file: opened at once, read page by page when touched."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np

from lghrec_compute.errors import IntegrityError

_TYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4", "U8": "u1", "BOOL": "?"}
_MAX_HEADER = 100_000_000  # the bound of the format


def map_tensors(path: Path) -> dict[str, np.ndarray]:
    """Each tensor by name. Writing into one changes memory, never the file.

    Raises `IntegrityError` for a file that is cut or is no safetensors file; only the header is looked at.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if length > min(_MAX_HEADER, max(size - 8, 0)):
            raise _broken(path, f"its header would take {length} bytes")
        try:
            header = json.loads(file.read(length))
        except ValueError:
            raise _broken(path, "its header is no JSON") from None
    tensors = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        dtype = np.dtype(_TYPES[entry["dtype"]])
        start, end = (8 + length + offset for offset in entry["data_offsets"])
        shape = tuple(entry["shape"])
        if end > size or end - start != dtype.itemsize * math.prod(shape):
            raise _broken(path, f"tensor {name} is cut: got {size} bytes, expected {end}")
        if end == start:
            tensors[name] = np.zeros(shape, dtype)
            continue
        # copy on write: torch shares it without a warning, and nobody can spoil the artifact
        tensors[name] = np.memmap(path, dtype=dtype, mode="c", offset=start, shape=shape)
    return tensors


def _broken(path: Path, why: str) -> IntegrityError:
    return IntegrityError(f"{path.name} cannot be read: {why}", hint="delete the artifact and make it again")
