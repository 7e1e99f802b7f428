"""Comparison of entries with a baseline, over users and over seeds, with one row per entry and metric.

The values of a user are averaged over the seeds of an entry, and tests over users use these averages. Tests
over seeds use the mean of each seed.

Shapes: R entries without the baseline, S seeds of an entry, U users.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from lghrec_compute.evaluation.significance import (
    bootstrap_intervals,
    holm,
    paired_t,
    sign_flips,
    wilcoxon,
)
from lghrec_compute.results import CompareRow
from lghrec_compute.types import Doubles


@dataclass(frozen=True)
class Measured:
    """One entry with one metric.

    `values_U` is the value of each user, averaged over seeds, and `means_S` is the mean of each seed. `seeds`
    are the distinct seeds in the order of `means_S`. None means that they are unknown. The means of two
    entries are paired by seed.
    """

    name: str
    values_U: Doubles
    means_S: Doubles
    seeds: tuple[int, ...] | None = None


@dataclass(frozen=True)
class Sampling:
    """Settings of the resampling.

    `on_done` receives the number of finished resamples, out of 2 * `resamples`, and can raise.
    """

    confidence: float = 0.95
    resamples: int = 10_000
    seed: int = 0
    on_done: Callable[[int], None] = lambda _: None


def compare(
    baseline: Measured, others: Sequence[Measured], *, metric: str, sampling: Sampling
) -> list[CompareRow]:
    """Return the rows of one metric, the baseline first. `corrected` computes `p_holm` later.

    All entries have values of the same users, at least one.
    """
    rows = [_row(baseline, metric)]
    if not others:
        return rows
    base_mean = float(baseline.values_U.mean())
    difference_UR = np.stack([_differences(other.values_U, baseline.values_U) for other in others], axis=1)
    interval_R2, p_R = _sample(difference_UR, sampling)
    for index, other in enumerate(others):
        difference_U = difference_UR[:, index]
        difference = float(difference_U.mean())
        row = replace(
            _row(other, metric),
            difference=difference,
            relative_difference=difference / base_mean if base_mean else None,
            interval_low=float(interval_R2[index, 0]),
            interval_high=float(interval_R2[index, 1]),
            p_t=paired_t(difference_U),
            p_wilcoxon=wilcoxon(difference_U),
            p_permutation=p_R[index],
            p_seeds=_p_seeds(other, baseline),
        )
        rows.append(row)
    return rows


def corrected(rows: Sequence[CompareRow]) -> list[CompareRow]:
    """Return the rows with `p_holm`, which is corrected for all rows that have a `p_permutation`."""
    family = [index for index, row in enumerate(rows) if row.p_permutation is not None]
    adjusted = holm(np.array([rows[index].p_permutation for index in family], np.float64))
    by_index = dict(zip(family, adjusted.tolist(), strict=True))
    return [replace(row, p_holm=by_index.get(index)) for index, row in enumerate(rows)]


def _sample(difference_UR: Doubles, sampling: Sampling) -> tuple[Doubles, list[float | None]]:
    """Return the intervals [R, 2] and the p-values of the permutation test."""
    resamples, seed = sampling.resamples, sampling.seed
    interval_R2 = bootstrap_intervals(
        difference_UR,
        confidence=sampling.confidence,
        resamples=resamples,
        seed=seed,
        on_done=sampling.on_done,
    )

    def on_flips(done: int) -> None:
        sampling.on_done(resamples + done)

    p_R = sign_flips(difference_UR, resamples=resamples, seed=seed, on_done=on_flips)
    sampling.on_done(2 * resamples)
    return interval_R2, p_R


def _row(measured: Measured, metric: str) -> CompareRow:
    num_seeds = len(measured.means_S)
    std = float(measured.means_S.std(ddof=1)) if num_seeds > 1 else None
    mean = float(measured.values_U.mean())
    return CompareRow(measured.name, metric, mean, std, len(measured.values_U), num_seeds)


def _differences(values_U: Doubles, base_U: Doubles) -> Doubles:
    """Return the differences, and 0 if two values differ only by the rounding of their means over seeds."""
    difference_U = values_U - base_U
    difference_U[np.abs(difference_U) <= 1e-12 * np.maximum(np.abs(values_U), np.abs(base_U))] = 0
    return difference_U


def _p_seeds(other: Measured, base: Measured) -> float | None:
    """Return the p-value over seeds, None if the means cannot be paired.

    Means are paired by seed if the seeds of both entries are known, otherwise by index if both entries have
    the same number of means.
    """
    if other.seeds and base.seeds:
        _, index, base_index = np.intersect1d(
            other.seeds, base.seeds, assume_unique=True, return_indices=True
        )
        return paired_t(other.means_S[index] - base.means_S[base_index])
    if len(other.means_S) != len(base.means_S):
        return None
    return paired_t(other.means_S - base.means_S)
