"""A language model with random weights and the shape and vocabulary of another: it writes arbitrary text."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from io import BufferedReader
from math import prod
from pathlib import Path

import numpy as np

_SIZES = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_STRING, _ARRAY = 8, 9
_F32, _Q8_0 = 0, 8
_BLOCK, _BLOCK_BYTES = 32, 34  # of Q8_0: a scale in half precision, then 32 signed bytes
_SPREAD = 0.02  # standard deviation of weights before training


@dataclass(frozen=True)
class Tensor:
    """One entry of the tensor table: number of values, type, first byte within the data."""

    num: int
    kind: int
    start: int


def write_random(source: Path, target: Path, *, seed: int = 0) -> None:
    """Copy a Q8_0 file of GGUF version 3, and fill its matrices with random values and its vectors with ones.

    Raises `ValueError` for a file with tensors of another type.
    """
    with source.open("rb") as file:
        tensors, data_start = _read(file)
    rng = np.random.default_rng(seed)
    target.write_bytes(source.read_bytes())
    scale = np.frombuffer(np.float16(_SPREAD / 73).tobytes(), np.uint8)  # 73: the spread of -127 to 127
    with target.open("r+b") as output:
        for tensor in tensors:
            output.seek(data_start + tensor.start)
            if tensor.kind == _F32:
                output.write(np.ones(tensor.num, np.float32).tobytes())
            elif tensor.kind == _Q8_0:
                blocks = np.empty((tensor.num // _BLOCK, _BLOCK_BYTES), np.uint8)
                blocks[:, :2] = scale
                blocks[:, 2:] = rng.integers(-127, 128, (len(blocks), _BLOCK), np.int8).view(np.uint8)
                output.write(blocks.tobytes())
            else:
                raise ValueError(f"got a tensor of type {tensor.kind}, expected F32 or Q8_0")


def _read(file: BufferedReader) -> tuple[list[Tensor], int]:
    """Read the table of tensors and the position of their data."""
    magic, version, num_tensors, num_values = _unpack(file, "4sIQQ")
    if (magic, version) != (b"GGUF", 3):
        raise ValueError(f"got {magic!r} version {version}, expected GGUF version 3")
    alignment = 32
    for _ in range(num_values):
        name = _string(file)
        value = list(_value(file, *_unpack(file, "I")))
        if name == b"general.alignment":
            alignment = value[0]
    tensors = [_tensor(file) for _ in range(num_tensors)]
    return tensors, -(-file.tell() // alignment) * alignment


def _tensor(file: BufferedReader) -> Tensor:
    _string(file)
    (num_dims,) = _unpack(file, "I")
    shape = _unpack(file, f"{num_dims}Q")
    kind, start = _unpack(file, "IQ")
    return Tensor(prod(shape), kind, start)


def _value(file: BufferedReader, kind: int) -> Iterator[object]:
    if kind == _STRING:
        yield _string(file)
    elif kind == _ARRAY:
        inner, num = _unpack(file, "IQ")
        for _ in range(num):
            yield from _value(file, inner)
    else:
        yield from _unpack(file, _SIZES[kind])


def _string(file: BufferedReader) -> bytes:
    (length,) = _unpack(file, "Q")
    return file.read(length)


def _unpack(file: BufferedReader, form: str) -> tuple:
    packed = struct.Struct("<" + form)
    return packed.unpack(file.read(packed.size))
