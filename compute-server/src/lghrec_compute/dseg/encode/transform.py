"""Transforms the encoder's vectors before they are stored.

Text encoders concentrate their vectors in a narrow cone; whitening spreads them (WhitenRec,
https://arxiv.org/abs/2402.10602).

Shapes: I items, C columns of the encoder, K kept columns.
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
"""Directions whose variance is a smaller share of the largest variance are noise; whitening drops them."""

_CHUNK_ROWS = 65_536


@dataclass(frozen=True)
class Transform:
    """unit((x - mean) W), fitted once and applicable to any rows. `none` leaves the rows unchanged."""

    method: str
    mean_C: Doubles
    matrix_CK: Doubles

    def project(self, vectors_IC: Floats) -> Floats:
        """Return the rows before their normalisation, [I, K]."""
        if self.method == "none":
            return vectors_IC
        out_IK = np.empty((len(vectors_IC), self.matrix_CK.shape[1]), dtype=np.float32)
        for start in range(0, len(vectors_IC), _CHUNK_ROWS):
            rows = slice(start, start + _CHUNK_ROWS)
            out_IK[rows] = (vectors_IC[rows].astype(np.float64) - self.mean_C) @ self.matrix_CK
        return out_IK

    def apply(self, vectors_IC: Floats, mask_I: Bools) -> Floats:
        """Return rows of norm 1, [I, K]. Rows of items without text are zero."""
        out_IK = self.project(vectors_IC) * mask_I[:, None]
        if self.method == "none":
            return out_IK
        return out_IK / np.maximum(np.linalg.norm(out_IK, axis=1, keepdims=True), 1e-12)

    def save(self, path: Path) -> None:
        """Write one safetensors file. The same transform gives the same bytes."""
        tensors = {"mean_C": self.mean_C, "matrix_CK": np.ascontiguousarray(self.matrix_CK)}
        save_file(tensors, path, metadata={"method": self.method})

    @staticmethod
    def load(path: Path) -> Transform:
        """Read the file of `save`, with equal bits, so that new items get the same transform as the
        others."""
        with safe_open(path, framework="numpy") as file:
            return Transform(
                file.metadata()["method"], file.get_tensor("mean_C"), file.get_tensor("matrix_CK")
            )


@dataclass(frozen=True)
class Transformed:
    """Transformed vectors `semantic_IC` [I, K]; the encoder's vectors [I, C], None for `none`; and the
    transform."""

    semantic_IC: Floats
    raw_IC: np.ndarray | None
    transform: Transform


def fit_transform(
    method: str, vectors_IC: Floats, fit_I: Bools, *, dim: int | None = None, groups: int = 1
) -> Transform:
    """Fit `method` in float64 on the rows of `fit_I`, normally the items with text and train interactions.

    `center` subtracts the mean. `pca` keeps the `dim` directions of the largest variance. `whiten` also
    scales each direction to variance 1, separately in `groups` of adjacent columns: more groups preserve more
    of the local order. If `dim` is None, every direction is kept; whitening drops directions without
    variance.

    Raises `ConfigError` if there are fewer than `dim` directions, and `DataError` for fewer than two rows to
    fit on.
    """
    num_columns = vectors_IC.shape[1]
    if method == "none":
        return Transform(method, np.zeros(num_columns), np.eye(num_columns))
    if int(fit_I.sum()) < 2:
        raise DataError(
            f"transform {method} needs at least 2 items with text and train interactions, "
            f"got {int(fit_I.sum())}",
            hint="use the transform none, or name the text fields in semantic.fields",
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
    start = 0
    for part, block in zip(parts, blocks, strict=True):
        end = start + block.shape[1]
        matrix_CK[part, start:end] = block
        start = end
    return Transform(method, mean_C, matrix_CK)


def transform_vectors(
    method: str, vectors_IC: Floats, mask_I: Bools, *, fit_I: Bools, dim: int | None = None
) -> Transformed:
    """Fit `method` on the rows of `mask_I` and `fit_I` (items with train interactions), and apply it.

    The vectors are rounded to float16 before the fit, so a computation from the stored `raw_IC` gives the
    same bits. Raises the errors of `fit_transform`.
    """
    if method == "none":
        transform = fit_transform(method, vectors_IC, mask_I)
        return Transformed(transform.apply(vectors_IC, mask_I), None, transform)
    raw_IC = vectors_IC.astype(np.float16)
    rounded_IC = raw_IC.astype(np.float32)
    transform = fit_transform(method, rounded_IC, mask_I & fit_I, dim=dim)
    return Transformed(transform.apply(rounded_IC, mask_I), raw_IC, transform)


def _moments(vectors_IC: Floats, fit_I: Bools) -> tuple[Doubles, Doubles]:
    """Return mean [C] and covariance [C, C], computed in chunks, so that memory holds no float64 copy of all
    rows."""
    chosen = np.flatnonzero(fit_I)
    chunks = [chosen[start : start + _CHUNK_ROWS] for start in range(0, len(chosen), _CHUNK_ROWS)]
    mean_C = sum(vectors_IC[chunk].sum(axis=0, dtype=np.float64) for chunk in chunks) / len(chosen)
    covariance_CC = np.zeros((vectors_IC.shape[1],) * 2)
    for chunk in chunks:
        centred_IC = vectors_IC[chunk].astype(np.float64) - mean_C
        covariance_CC += centred_IC.T @ centred_IC
    return np.asarray(mean_C), covariance_CC / len(chosen)


def _directions(covariance_CC: Doubles, dim: int | None, *, whiten: bool) -> Doubles:
    """Return the eigenvectors [C, K], the largest variance first, each with a positive largest entry."""
    variance_C, vector_CC = np.linalg.eigh(covariance_CC)
    variance_C, vector_CC = variance_C[::-1], vector_CC[:, ::-1]
    largest = vector_CC[np.abs(vector_CC).argmax(axis=0), np.arange(len(variance_C))]
    vector_CC = vector_CC * np.where(largest < 0, -1.0, 1.0)
    if not whiten:
        return vector_CC[:, :dim]
    num = int((variance_C > FLOOR * variance_C[0]).sum())
    if dim is not None and dim > num:
        raise _no_such_dim(dim, f"at most {num}, the number of directions with variance")
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
