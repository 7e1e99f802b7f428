"""What is done to the encoder's vectors before they are stored.

Text encoders crowd their vectors into a narrow cone; whitening spreads them out (WhitenRec,
https://arxiv.org/abs/2402.10602). Shapes: I items, C columns of the encoder, K kept columns.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from safetensors import safe_open
from safetensors.numpy import save_file

from lghrec_compute.errors import ConfigError, DataError
from lghrec_compute.types import Bools, Doubles, Floats

METHODS = ("none", "center", "whiten", "pca")

FLOOR = 1e-5
"""Directions with less than this share of the largest variance are noise: whitening leaves them out."""

_CHUNK_ROWS = 65_536


@dataclass(frozen=True)
class Transform:
    """unit((x - mean) W), fitted once and applied to any rows; `none` leaves them as they are."""

    method: str
    mean_C: Doubles
    matrix_CK: Doubles

    def project(self, vectors_IC: Floats) -> Floats:
        """Rows before they are brought to norm 1, [I, K]."""
        if self.method == "none":
            return vectors_IC
        out_IK = np.empty((len(vectors_IC), self.matrix_CK.shape[1]), dtype=np.float32)
        for start in range(0, len(vectors_IC), _CHUNK_ROWS):
            rows = slice(start, start + _CHUNK_ROWS)
            out_IK[rows] = (vectors_IC[rows].astype(np.float64) - self.mean_C) @ self.matrix_CK
        return out_IK

    def apply(self, vectors_IC: Floats, mask_I: Bools) -> Floats:
        """Rows of norm 1, [I, K]; those of items without text are zero."""
        out_IK = self.project(vectors_IC) * mask_I[:, None]
        if self.method == "none":
            return out_IK
        return out_IK / np.maximum(np.linalg.norm(out_IK, axis=1, keepdims=True), 1e-12)

    def save(self, path: Path) -> None:
        """Writes one safetensors file; the same transform gives the same bytes."""
        tensors = {"mean_C": self.mean_C, "matrix_CK": np.ascontiguousarray(self.matrix_CK)}
        save_file(tensors, path, metadata={"method": self.method})

    @staticmethod
    def load(path: Path) -> Transform:
        """What `save` wrote, to the bit: new items get the transform that the others have."""
        with safe_open(path, framework="numpy") as file:
            return Transform(
                file.metadata()["method"], file.get_tensor("mean_C"), file.get_tensor("matrix_CK")
            )


@dataclass(frozen=True)
class Transformed:
    """`semantic_IC` [I, K]; what it was made from, [I, C], None for the transform `none`; and by what."""

    semantic_IC: Floats
    raw_IC: np.ndarray | None
    transform: Transform


def fit_transform(
    method: str, vectors_IC: Floats, fit_I: Bools, *, dim: int | None = None, groups: int = 1
) -> Transform:
    """Fits `method` in float64 on the rows of `fit_I`: items with text and, by custom, train interactions.

    `center` takes the mean away. `pca` keeps the `dim` directions of the largest variance. `whiten` also
    scales each to variance 1, in `groups` of neighbouring columns apart: more groups keep more of the local
    order. None for `dim` keeps every direction; whitening leaves out those without variance.

    Raises `ConfigError` if there are not `dim` directions, `DataError` without two rows to fit on.
    """
    num_columns = vectors_IC.shape[1]
    if method == "none":
        return Transform(method, np.zeros(num_columns), np.eye(num_columns))
    if int(fit_I.sum()) < 2:
        raise DataError(
            f"transform {method} is fitted on items with text and train interactions: got {int(fit_I.sum())}",
            hint="take the transform none, or name the text fields in semantic.fields",
        )
    mean_C, covariance_CC = _moments(vectors_IC, fit_I)
    if method == "center":
        return Transform(method, mean_C, np.eye(num_columns))
    parts = _groups(num_columns, groups)
    share = None if dim is None else dim // groups
    if dim is not None and (dim % groups or dim > num_columns):
        raise _no_such_dim(dim, f"a multiple of {groups} up to {num_columns}")
    blocks = [_directions(covariance_CC[part, part], share, whiten=method == "whiten") for part in parts]
    matrix_CK = np.zeros((num_columns, sum(block.shape[1] for block in blocks)))
    at = 0
    for part, block in zip(parts, blocks, strict=True):
        matrix_CK[part, at : at + block.shape[1]] = block
        at += block.shape[1]
    return Transform(method, mean_C, matrix_CK)


def transform_vectors(
    method: str, vectors_IC: Floats, mask_I: Bools, *, fit_I: Bools, dim: int | None = None
) -> Transformed:
    """Fits `method` on the rows of `mask_I` and `fit_I` (items with train interactions), and applies it.

    The vectors are rounded to float16 before the fit: made again from `raw_IC`, the result has the same bits.
    Raises as `fit_transform` does.
    """
    if method == "none":
        transform = fit_transform(method, vectors_IC, mask_I)
        return Transformed(transform.apply(vectors_IC, mask_I), None, transform)
    raw_IC = vectors_IC.astype(np.float16)
    rounded_IC = raw_IC.astype(np.float32)
    transform = fit_transform(method, rounded_IC, mask_I & fit_I, dim=dim)
    return Transformed(transform.apply(rounded_IC, mask_I), raw_IC, transform)


def _moments(vectors_IC: Floats, fit_I: Bools) -> tuple[Doubles, Doubles]:
    """Mean [C] and covariance [C, C]; in parts, so that no copy of all rows in float64 is made."""
    chosen = np.flatnonzero(fit_I)
    chunks = [chosen[start : start + _CHUNK_ROWS] for start in range(0, len(chosen), _CHUNK_ROWS)]
    mean_C = sum(vectors_IC[chunk].sum(axis=0, dtype=np.float64) for chunk in chunks) / len(chosen)
    covariance_CC = np.zeros((vectors_IC.shape[1],) * 2)
    for chunk in chunks:
        centred_IC = vectors_IC[chunk].astype(np.float64) - mean_C
        covariance_CC += centred_IC.T @ centred_IC
    return np.asarray(mean_C), covariance_CC / len(chosen)


def _directions(covariance_CC: Doubles, dim: int | None, *, whiten: bool) -> Doubles:
    """Eigenvectors [C, K], the largest variance first, each with its largest entry positive."""
    variance_C, vector_CC = np.linalg.eigh(covariance_CC)
    variance_C, vector_CC = variance_C[::-1], vector_CC[:, ::-1]
    largest = vector_CC[np.abs(vector_CC).argmax(axis=0), np.arange(len(variance_C))]
    vector_CC = vector_CC * np.where(largest < 0, -1.0, 1.0)
    if not whiten:
        return vector_CC[:, :dim]
    num = int((variance_C > FLOOR * variance_C[0]).sum())
    if dim is not None and dim > num:
        raise _no_such_dim(dim, f"{num} at most: the vectors have no more directions to whiten")
    keep = num if dim is None else dim
    return vector_CC[:, :keep] / np.sqrt(variance_C[:keep])


def _groups(num_columns: int, groups: int) -> list[slice]:
    if groups < 1 or num_columns % groups:
        raise ConfigError(f"groups of columns: got {groups}, expected a divisor of {num_columns}")
    size = num_columns // groups
    return [slice(start, start + size) for start in range(0, num_columns, size)]


def _no_such_dim(dim: int, expected: str) -> ConfigError:
    message = f"got {dim}, expected {expected}"
    return ConfigError.at("semantic.dim", message)
