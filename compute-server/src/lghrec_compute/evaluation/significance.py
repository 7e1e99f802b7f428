"""Is a difference more than chance: tests and an interval for paired values, in NumPy.

All p-values are two-sided. Shape letters: N pairs, R families of differences that are tested side by side on
the same pairs, S resamples.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, stdtr

from lghrec_compute.types import Doubles

EXACT_FLIPS = 16
"""Most differences other than 0 whose signs are all enumerated: 65,536 ways."""
_EXACT_RANKS = 50
_CELLS = 2**22
"""Random values held at once: 32 MiB as fp64."""
_STEPS = 12  # digits to which sums and ranks tell values apart; the others are rounding
_FLIPS, _DRAWS = 0, 1

Told = Callable[[int], None]


def paired_t(difference_N: Doubles) -> float | None:
    """Student's t on the differences of pairs; None for fewer than 2.

    All differences equal: 1 if they are 0, else 0.
    """
    count = len(difference_N)
    if count < 2:
        return None
    mean, spread = float(difference_N.mean()), float(difference_N.std(ddof=1))
    if spread <= 10.0**-_STEPS * abs(mean):
        return float(mean == 0)
    return float(2 * stdtr(count - 1, -abs(mean) / (spread / np.sqrt(count))))


def wilcoxon(difference_N: Doubles) -> float | None:
    """Wilcoxon's signed-rank test; differences of 0 are left out, equal ones share their mean rank.

    Exact for at most 50 differences without equal ones; otherwise the normal approximation with the
    correction for ties and without one for continuity. None without a pair, 1 if all are 0.
    """
    if not len(difference_N):
        return None
    some = difference_N[difference_N != 0]
    if not len(some):
        return 1.0
    sizes = np.round(np.abs(some) / np.abs(some).max(), _STEPS)
    _, inverse, ties = np.unique(sizes, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(ties) - (ties - 1) / 2)[inverse]
    count, positive = len(some), float(ranks[some > 0].sum())
    if count <= _EXACT_RANKS and ties.max() == 1:
        return _exact_rank_sum(count, positive)
    center = count * (count + 1) / 4
    variance = center * (2 * count + 1) / 6 - float((ties.astype(np.float64) ** 3 - ties).sum()) / 48
    return float(2 * ndtr(-abs(positive - center) / np.sqrt(variance)))


def sign_flips(
    difference_NR: Doubles, *, resamples: int, seed: int, on_done: Told = lambda _: None
) -> list[float | None]:
    """Sign-flip permutation test of the mean of each column; None without a pair, 1 if all are 0.

    Up to `EXACT_FLIPS` differences other than 0 all flips are counted, and p is their share at least as far
    from 0. With more, `resamples` random flips, the same ones for all columns, and p = (1 + those at least as
    far) / (1 + resamples). `on_done` hears how many of the random ones are done and may raise.
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
    on_done: Told = lambda _: None,
) -> npt.NDArray[np.float64]:
    """Percentile interval [R, 2] of the mean of each column over pairs drawn with replacement.

    All columns see the same draws. Memory does not grow with `resamples` beyond their means. `on_done` hears
    how many are done and may raise. Raises `ValueError` without a pair.
    """
    count, columns = difference_NR.shape
    if not count:
        raise ValueError("no pairs, so no interval")
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
    """Holm's adjusted p-values: the k-th smallest of m times m - k + 1, made monotone, at most 1."""
    order = np.argsort(p_F, kind="stable")
    steps = p_F[order] * np.arange(len(p_F), 0, -1)
    adjusted = np.empty(len(p_F))
    adjusted[order] = np.minimum(np.maximum.accumulate(steps), 1)
    return adjusted


def _exact_rank_sum(count: int, positive: float) -> float:
    """Share of all 2^count choices of positive ranks whose sum is at least as far from the middle."""
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
    # a flip and its opposite are as far from 0, so that the last sign can stay
    free = len(some) - 1
    bits = (np.arange(2**free)[:, None] >> np.arange(free)) & 1
    sums = (1.0 - 2 * bits) @ some[:free] + some[free]
    return float(_at_least(sums[:, None], some[:, None]).mean())


def _sampled_flips(difference_NR: Doubles, resamples: int, seed: int, on_done: Told) -> Doubles:
    rng = np.random.default_rng([seed, _FLIPS])
    count, columns = difference_NR.shape
    total_R, far_R = difference_NR.sum(axis=0), np.zeros(columns)
    width = (count + 63) // 64 * 8  # whole words, so that chunks of any size draw the same bits
    for start, size in _chunks(resamples, count):
        bytes_SB = np.frombuffer(rng.bytes(size * width), np.uint8).reshape(size, width)
        kept_SN = np.unpackbits(bytes_SB, axis=1, count=count).astype(np.float64)
        sum_SR = 2 * (kept_SN @ difference_NR) - total_R
        far_R += _at_least(sum_SR, difference_NR).sum(axis=0)
        on_done(start + size)
    return (1 + far_R) / (1 + resamples)


def _at_least(sum_SR: Doubles, difference_NR: Doubles) -> npt.NDArray[np.bool_]:
    """Whether flipped sums are at least as far from 0 as the one observed, up to rounding."""
    slack_R = 10.0**-_STEPS * np.abs(difference_NR).sum(axis=0)
    return np.abs(sum_SR) >= np.abs(difference_NR.sum(axis=0)) - slack_R


def _chunks(resamples: int, count: int) -> Iterator[tuple[int, int]]:
    """Start and size of runs of resamples that fit `_CELLS`."""
    most = max(1, _CELLS // count)
    for start in range(0, resamples, most):
        yield start, min(most, resamples - start)
