"""How well vectors tell items apart, before and after their transform.

Shapes: I items, C columns of the encoder, K kept columns.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lghrec_compute.dseg.encode.transform import Transform
from lghrec_compute.types import Bools, Floats


@dataclass(frozen=True)
class Spread:
    """`mean_cosine` of pairs, in [-1, 1]; `effective_rank` in [1, C]; `norm_cv`: standard deviation of the
    rows' norms over their mean, before they are brought to norm 1."""

    mean_cosine: float
    effective_rank: float
    norm_cv: float


def spread(vectors_IC: Floats, mask_I: Bools) -> Spread:
    """Of the rows of `mask_I`, of which there must be one."""
    rows_IC = vectors_IC[mask_I].astype(np.float64)
    norm_I = np.linalg.norm(rows_IC, axis=1)
    unit_IC = rows_IC / np.maximum(norm_I, 1e-12)[:, None]
    return Spread(mean_cosine(unit_IC), effective_rank(unit_IC), float(norm_I.std() / norm_I.mean()))


def spread_report(transform: Transform, vectors_IC: Floats, mask_I: Bools) -> dict[str, float]:
    """Figures of `Spread` by name, each with `_before` and `_after` the transform."""
    before, after = spread(vectors_IC, mask_I), spread(transform.project(vectors_IC), mask_I)
    stages = {"before": before, "after": after}
    return {
        f"{name}_{stage}": value for stage, found in stages.items() for name, value in vars(found).items()
    }


def mean_cosine(unit_IC: np.ndarray) -> float:
    """Mean over pairs i != j of the dot products of unit rows; 1 for a single row. Costs O(I C)."""
    num = len(unit_IC)
    if num < 2:
        return 1.0
    total = float(np.square(unit_IC.sum(axis=0)).sum())
    return (total - num) / (num * (num - 1))


def effective_rank(vectors_IC: Floats | np.ndarray) -> float:
    """exp of the entropy of the singular values' shares."""
    eigenvalues_C = np.linalg.eigvalsh(vectors_IC.T @ vectors_IC)
    singular_C = np.sqrt(np.maximum(eigenvalues_C, 0.0))
    share_C = singular_C / singular_C.sum()
    share_C = share_C[share_C > 0]
    return float(np.exp(-(share_C * np.log(share_C)).sum()))
