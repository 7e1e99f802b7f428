"""Significance tests and a confidence interval for paired values, in NumPy.

All p-values are two-sided.

Shapes: F p-values of a family, N pairs, R columns of differences on the same pairs, S resamples.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, stdtr

from lghrec_compute.types import Doubles

EXACT_FLIPS = 16
"""Largest number of nonzero differences whose sign flips are all enumerated: 65,536 combinations."""
_EXACT_RANKS = 50
_CELLS = 2**22
"""Number of random values drawn at once: 32 MiB as fp64."""
_DIGITS = 12
"""Values that agree in this number of digits count as equal, because they differ only by rounding."""
_FLIPS, _DRAWS = 0, 1

OnDone = Callable[[int], None]


def paired_t(difference_N: Doubles) -> float | None:
    """Return the p-value of Student's paired t-test, or None for fewer than 2 pairs.

    If all differences are equal, the p-value is 1 if they are 0, and 0 otherwise.
    """
    count = len(difference_N)
    if count < 2:
        return None
    mean, spread = float(difference_N.mean()), float(difference_N.std(ddof=1))
    if spread <= 10.0**-_DIGITS * abs(mean):
        return float(mean == 0)
    return float(2 * stdtr(count - 1, -abs(mean) / (spread / np.sqrt(count))))


def wilcoxon(difference_N: Doubles) -> float | None:
    """Return the p-value of Wilcoxon's signed-rank test.

    Differences of 0 are left out, and equal differences share their mean rank. The test is exact for at most
    50 differences without ties. Otherwise it uses the normal approximation with the correction for ties and
    without the continuity correction. The result is None if there are no pairs, and 1 if all differences are
    0.
    """
    if not len(difference_N):
        return None
    some = difference_N[difference_N != 0]
    if not len(some):
        return 1.0
    sizes = np.round(np.abs(some) / np.abs(some).max(), _DIGITS)
    _, inverse, ties = np.unique(sizes, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(ties) - (ties - 1) / 2)[inverse]
    count, positive = len(some), float(ranks[some > 0].sum())
    if count <= _EXACT_RANKS and ties.max() == 1:
        return _exact_rank_sum(count, positive)
    center = count * (count + 1) / 4
    variance = center * (2 * count + 1) / 6 - float((ties.astype(np.float64) ** 3 - ties).sum()) / 48
    return float(2 * ndtr(-abs(positive - center) / np.sqrt(variance)))


def sign_flips(
    difference_NR: Doubles, *, resamples: int, seed: int, on_done: OnDone = lambda _: None
) -> list[float | None]:
    """Return the p-values of a sign-flip permutation test of the mean of each column.

    With up to `EXACT_FLIPS` nonzero differences all flips are enumerated, and p is the share of flips whose
    mean is at least as far from 0 as the observed one. With more differences, `resamples` random flips are
    drawn, the same ones for all columns, and p = (1 + number of flips at least as far) / (1 + resamples).
    The result is None if there are no pairs, and 1 if all differences are 0. `on_done` receives the number of
    finished random flips, and can raise.
    """
    count, columns = difference_NR.shape
    if not count:
        return [None] * columns
    few_R = (difference_NR != 0).sum(axis=0) <= EXACT_FLIPS
    p_R = np.ones(columns)
    for column in np.flatnonzero(few_R):
        p_R[column] = _exact_flips(difference_NR[:, column])
    if not few_R.all():
        p_R[~few_R] = _sampled_flips(difference_NR[:, ~few_R], resamples, seed, on_done)
    return [float(p) for p in p_R]


def bootstrap_intervals(
    difference_NR: Doubles,
    *,
    confidence: float,
    resamples: int,
    seed: int,
    on_done: OnDone = lambda _: None,
) -> npt.NDArray[np.float64]:
    """Return the percentile interval [R, 2] of the mean of each column over pairs drawn with replacement.

    All columns use the same draws. Only the means of the resamples are stored. `on_done` receives the number
    of finished resamples, and can raise. Raises `ValueError` without pairs.
    """
    count, columns = difference_NR.shape
    if not count:
        raise ValueError("an interval needs at least 1 pair, got 0")
    rng = np.random.default_rng([seed, _DRAWS])
    mean_SR = np.empty((resamples, columns))
    for start, size in _chunks(resamples, count):
        drawn = rng.integers(0, count, size=(size, count))
        drawn += count * np.arange(size)[:, None]
        times = np.bincount(drawn.ravel(), minlength=size * count).reshape(size, count)
        mean_SR[start : start + size] = times.astype(np.float64) @ difference_NR / count
        on_done(start + size)
    tail = (1 - confidence) / 2
    return np.quantile(mean_SR, [tail, 1 - tail], axis=0).T


def holm(p_F: Doubles) -> Doubles:
    """Return Holm's adjusted p-values: the running maximum of (m - k + 1) p_(k), at most 1, for m
    p-values."""
    order = np.argsort(p_F, kind="stable")
    steps = p_F[order] * np.arange(len(p_F), 0, -1)
    adjusted = np.empty(len(p_F))
    adjusted[order] = np.minimum(np.maximum.accumulate(steps), 1)
    return adjusted


def _exact_rank_sum(count: int, positive: float) -> float:
    """Return the share of all 2^count choices of positive ranks with a sum at least as far from the mean."""
    total = count * (count + 1) // 2
    ways = np.zeros(total + 1)
    ways[0] = 1
    for rank in range(1, count + 1):  # 50 at most
        ways[rank:] += ways[:-rank].copy()
    lower = min(positive, total - positive)
    return float(min(2 * ways[: round(lower) + 1].sum() / ways.sum(), 1))


def _exact_flips(difference_N: Doubles) -> float:
    some = difference_N[difference_N != 0]
    if not len(some):
        return 1.0
    # a flip and its opposite are equally far from 0, so the last sign can be fixed
    free = len(some) - 1
    bits = (np.arange(2**free)[:, None] >> np.arange(free)) & 1
    sums = (1.0 - 2 * bits) @ some[:free] + some[free]
    return float(_at_least(sums[:, None], some[:, None]).mean())


def _sampled_flips(difference_NR: Doubles, resamples: int, seed: int, on_done: OnDone) -> Doubles:
    rng = np.random.default_rng([seed, _FLIPS])
    count, columns = difference_NR.shape
    total_R, far_R = difference_NR.sum(axis=0), np.zeros(columns)
    width = (count + 63) // 64 * 8  # a multiple of 8 bytes, so that chunks of any size draw the same bits
    for start, size in _chunks(resamples, count):
        bytes_SB = np.frombuffer(rng.bytes(size * width), np.uint8).reshape(size, width)
        kept_SN = np.unpackbits(bytes_SB, axis=1, count=count).astype(np.float64)
        sum_SR = 2 * (kept_SN @ difference_NR) - total_R
        far_R += _at_least(sum_SR, difference_NR).sum(axis=0)
        on_done(start + size)
    return (1 + far_R) / (1 + resamples)


def _at_least(sum_SR: Doubles, difference_NR: Doubles) -> npt.NDArray[np.bool_]:
    """Return True for flipped sums at least as far from 0 as the observed sum, up to rounding."""
    slack_R = 10.0**-_DIGITS * np.abs(difference_NR).sum(axis=0)
    return np.abs(sum_SR) >= np.abs(difference_NR.sum(axis=0)) - slack_R


def _chunks(resamples: int, count: int) -> Iterator[tuple[int, int]]:
    """Yield the start and the size of chunks of resamples. Each chunk fits `_CELLS`."""
    most = max(1, _CELLS // count)
    for start in range(0, resamples, most):
        yield start, min(most, resamples - start)
