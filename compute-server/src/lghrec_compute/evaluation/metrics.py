"""Metrics of each user from ranked lists, at several cutoffs in one pass.

Let T be the held-out items of a user, and let ranks r count from 1. Then recall = hits / |T|, precision =
hits / K, DCG = sum over hits of 1 / log2(r + 1), and NDCG = DCG / ideal DCG. `spec/metrics.py` defines all
variants. To add a metric, add its function to `RANKING_FUNCTIONS`, and its name and meaning to
`spec/metrics.py`.

Shapes: K longest cutoff, U users.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property

import numpy as np

from lghrec_compute.spec.metrics import RANKING_METRICS
from lghrec_compute.types import Bools, Doubles, Ints


def user_metrics(
    hits_UK: Bools, sizes_U: Ints, cutoffs: Sequence[int], names: Sequence[str] = RANKING_METRICS
) -> dict[str, Doubles]:
    """Return fp64 [U] for each "<metric>@<cutoff>", in the order of `names` and then of `cutoffs`.

    `hits_UK` is True if the item at this rank is held out. `sizes_U` is |T|, at least 1. `names` are names of
    `RANKING_METRICS`. No cutoff exceeds K.
    """
    assert max(cutoffs) <= hits_UK.shape[1], "lists are shorter than a cutoff"
    assert not len(sizes_U) or sizes_U.min() >= 1, "a user without a held-out item has no metrics"
    sums = _Sums(hits_UK, sizes_U)
    return {f"{name}@{cutoff}": RANKING_FUNCTIONS[name](sums, cutoff) for name in names for cutoff in cutoffs}


def means(per_user: dict[str, Doubles]) -> dict[str, float]:
    """Return the mean over users of each metric, without metrics that have no users."""
    return {name: float(values_U.mean()) for name, values_U in per_user.items() if len(values_U)}


class _Sums:
    """Sums over the ranks 1 to K, each computed when the first metric uses it."""

    def __init__(self, hits_UK: Bools, sizes_U: Ints) -> None:
        self.is_hit_UK, self.sizes_U = hits_UK, sizes_U
        self.ranks_K = np.arange(1, hits_UK.shape[1] + 1)
        self.discounts_K = 1 / np.log2(self.ranks_K + 1)
        self.ideal_K = np.concatenate([[0.0], np.cumsum(self.discounts_K)])

    @cached_property
    def hits_UK(self) -> Ints:
        return np.cumsum(self.is_hit_UK, axis=1, dtype=np.int64)

    @cached_property
    def dcg_UK(self) -> Doubles:
        return np.cumsum(self.is_hit_UK * self.discounts_K, axis=1)

    @cached_property
    def precision_UK(self) -> Doubles:
        return np.cumsum(self.is_hit_UK * self.hits_UK / self.ranks_K, axis=1)

    @cached_property
    def reciprocal_UK(self) -> Doubles:
        return np.cumsum(self.is_hit_UK / self.ranks_K, axis=1)

    @cached_property
    def first_U(self) -> Doubles:
        return 1 / (1.0 + self.is_hit_UK.argmax(1))

    def hits(self, cutoff: int) -> Ints:
        return self.hits_UK[:, cutoff - 1]

    def dcg(self, cutoff: int) -> Doubles:
        return self.dcg_UK[:, cutoff - 1]

    def possible(self, cutoff: int) -> Ints:
        """Return min(K, |T|), the largest possible number of hits."""
        return np.minimum(cutoff, self.sizes_U)


RANKING_FUNCTIONS: dict[str, Callable[[_Sums, int], Doubles]] = {
    "recall": lambda sums, k: sums.hits(k) / sums.sizes_U,
    "recall_min": lambda sums, k: sums.hits(k) / sums.possible(k),
    "precision": lambda sums, k: sums.hits(k) / k,
    "hit_rate": lambda sums, k: (sums.hits(k) > 0).astype(np.float64),
    "ndcg": lambda sums, k: sums.dcg(k) / sums.ideal_K[sums.possible(k)],
    "ndcg_fullk": lambda sums, k: sums.dcg(k) / sums.ideal_K[k],
    "ndcg_hits": lambda sums, k: sums.dcg(k) / sums.ideal_K[np.maximum(sums.hits(k), 1)],
    "map_min": lambda sums, k: sums.precision_UK[:, k - 1] / sums.possible(k),
    "map_full": lambda sums, k: sums.precision_UK[:, k - 1] / sums.sizes_U,
    "mrr_first": lambda sums, k: np.where(sums.hits(k) > 0, sums.first_U, 0.0),
    "mrr_sum": lambda sums, k: sums.reciprocal_UK[:, k - 1].copy(),
}
"""Function of each metric in `RANKING_METRICS`."""
