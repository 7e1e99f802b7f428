"""Figures about how well vectors distinguish items, before and after their transform.

Shapes: I items, C columns of the encoder, K kept columns.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lghrec_compute.dseg.encode.transform import Transform
from lghrec_compute.types import Bools, Floats


@dataclass(frozen=True)
class Spread:
    """Mean cosine of all pairs in [-1, 1]; effective rank in [1, C]; and `norm_cv`.

    `norm_cv` is the standard deviation of the rows' norms divided by their mean, before normalisation.
    """

    mean_cosine: float
    effective_rank: float
    norm_cv: float


def spread(vectors_IC: Floats, mask_I: Bools) -> Spread:
    """Return the figures of the rows of `mask_I`, which must not be empty."""
    rows_IC = vectors_IC[mask_I].astype(np.float64)
    norm_I = np.linalg.norm(rows_IC, axis=1)
    unit_IC = rows_IC / np.maximum(norm_I, 1e-12)[:, None]
    return Spread(mean_cosine(unit_IC), effective_rank(unit_IC), float(norm_I.std() / norm_I.mean()))


def spread_report(transform: Transform, vectors_IC: Floats, mask_I: Bools) -> dict[str, float]:
    """Return the figures of `Spread` by name, each with the suffix `_before` and `_after` the transform."""
    before, after = spread(vectors_IC, mask_I), spread(transform.project(vectors_IC), mask_I)
    stages = {"before": before, "after": after}
    return {
        f"{name}_{stage}": value for stage, found in stages.items() for name, value in vars(found).items()
    }


def mean_cosine(unit_IC: np.ndarray) -> float:
    """Return the mean of the dot products of different unit rows, 1 for a single row. The cost is O(I C)."""
    num = len(unit_IC)
    if num < 2:
        return 1.0
    total = float(np.square(unit_IC.sum(axis=0)).sum())
    return (total - num) / (num * (num - 1))


def effective_rank(vectors_IC: Floats | np.ndarray) -> float:
    """Return exp of the entropy of the normalised singular values."""
    eigenvalues_C = np.linalg.eigvalsh(vectors_IC.T @ vectors_IC)
    singular_C = np.sqrt(np.maximum(eigenvalues_C, 0.0))
    share_C = singular_C / singular_C.sum()
    share_C = share_C[share_C > 0]
    return float(np.exp(-(share_C * np.log(share_C)).sum()))
