"""Maps the tensors of a safetensors file as arrays: opening is immediate, and bytes are read when they are
used."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np

from lghrec_compute.errors import IntegrityError
from lghrec_compute.types import Floats

_TYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4", "U8": "u1", "BOOL": "?"}
_MAX_HEADER = 100_000_000  # the bound of the format
_HINT = "delete the artifact and create it again"


def map_tensors(path: Path, *, hint: str = _HINT) -> dict[str, np.ndarray]:
    """Return each tensor by name. Writing into an array changes memory, but never the file.

    Reads only the header. Raises `IntegrityError` with `hint` for a file that is incomplete or not a
    safetensors file.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            if size < 8 or length > min(_MAX_HEADER, size - 8):
                raise ValueError(f"its header would take {length} bytes, and the file has {size}")
            header = json.loads(file.read(length))
        header.pop("__metadata__", None)
        return {name: _map(path, entry, start=8 + length, size=size) for name, entry in header.items()}
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise IntegrityError(f"{path.name} cannot be read: {error}", hint=hint) from error


def map_matrix(path: Path, name: str, *, hint: str = _HINT) -> Floats:
    """Returns the float32 matrix of this name, read-only and row-major.

    Raises `IntegrityError` with `hint` if the file has no such matrix or cannot be read.
    """
    found = map_tensors(path, hint=hint).get(name)
    if found is None or found.dtype != np.float32 or found.ndim != 2:
        got = "no such tensor" if found is None else f"{found.dtype} {list(found.shape)}"
        raise IntegrityError(f"{path.name}: expected a float32 matrix {name!r}, got {got}", hint=hint)
    found.flags.writeable = False
    return found


def _map(path: Path, entry: dict, *, start: int, size: int) -> np.ndarray:
    dtype, shape = np.dtype(_TYPES[entry["dtype"]]), tuple(entry["shape"])
    begin, end = (start + offset for offset in entry["data_offsets"])
    if end > size or end - begin != dtype.itemsize * math.prod(shape):
        raise ValueError(f"a tensor of shape {list(shape)} is incomplete: got {size} bytes, expected {end}")
    if end == begin:
        return np.zeros(shape, dtype)
    # copy on write: torch shares it without a warning, and the artifact cannot be changed through it
    return np.memmap(path, dtype=dtype, mode="c", offset=begin, shape=shape)
