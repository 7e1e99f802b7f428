"""Vectors after their transform, and how well they tell items apart before and after.

Shapes: I items, C columns of the encoder, K kept columns.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lghrec_compute.dseg.quality import effective_rank, mean_cosine
from lghrec_compute.dseg.transform import Transform, fit_transform
from lghrec_compute.types import Bools, Floats


@dataclass(frozen=True)
class Transformed:
    """`semantic_IC` [I, K]; what it was made from, [I, C], None for the transform `none`; and by what."""

    semantic_IC: Floats
    raw_IC: np.ndarray | None
    transform: Transform


@dataclass(frozen=True)
class Spread:
    """`mean_cosine` of pairs, in [-1, 1]; `effective_rank` in [1, C]; `norm_cv`: standard deviation of the
    rows' norms over their mean, before they are brought to norm 1."""

    mean_cosine: float
    effective_rank: float
    norm_cv: float


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
