"""Metrics of each user from ranked lists, all of `spec.metrics.METRICS` at several cutoffs in one pass.

With hits at ranks r (from 1) and T the held-out items of the user:
recall = hits/|T|, precision = hits/K, DCG = sum of 1/log2(r + 1), NDCG = DCG / ideal DCG; the variants are
told apart in `spec/metrics.py`. Shape letters: U users, K cutoff.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lghrec_compute.spec.metrics import METRICS
from lghrec_compute.types import Bools, Doubles, Ints


def user_metrics(hits_UK: Bools, sizes_U: Ints, cutoffs: Sequence[int]) -> dict[str, Doubles]:
    """fp64 [U] for each "<metric>@<cutoff>", in the order of `METRICS`, cutoffs inside.

    `hits_UK`: is the item at this rank held out; `sizes_U`: |T|, at least 1. No cutoff exceeds K.
    """
    assert max(cutoffs) <= hits_UK.shape[1], "lists are shorter than a cutoff"
    assert not len(sizes_U) or sizes_U.min() >= 1, "a user without a held-out item has no metric"
    sums = _Sums(hits_UK)
    tables = [sums.at(cutoff, sizes_U) for cutoff in cutoffs]
    return {
        f"{name}@{cutoff}": table[name]
        for name in METRICS
        for cutoff, table in zip(cutoffs, tables, strict=True)
    }


def means(per_user: dict[str, Doubles]) -> dict[str, float]:
    """Macro means: every user counts the same. No users, no means."""
    return {name: float(values_U.mean()) for name, values_U in per_user.items() if len(values_U)}


class _Sums:
    """Sums over ranks 1..K of everything that the metrics need."""

    def __init__(self, hits_UK: Bools) -> None:
        ranks_K = np.arange(1, hits_UK.shape[1] + 1)
        discounts_K = 1 / np.log2(ranks_K + 1)
        self.hits_UK = np.cumsum(hits_UK, axis=1)
        self.dcg_UK = np.cumsum(hits_UK * discounts_K, axis=1)
        self.precision_UK = np.cumsum(hits_UK * self.hits_UK / ranks_K, axis=1)
        self.reciprocal_UK = np.cumsum(hits_UK / ranks_K, axis=1)
        self.first_U = np.where(hits_UK.any(1), 1 / (1.0 + hits_UK.argmax(1)), 0.0)
        self.ideal_K = np.concatenate([[0.0], np.cumsum(discounts_K)])

    def at(self, cutoff: int, sizes_U: Ints) -> dict[str, Doubles]:
        """Every metric at one cutoff."""
        hits_U = self.hits_UK[:, cutoff - 1]
        dcg_U = self.dcg_UK[:, cutoff - 1]
        precision_U = self.precision_UK[:, cutoff - 1]
        possible_U = np.minimum(cutoff, sizes_U)
        return {
            "recall": hits_U / sizes_U,
            "recall_min": hits_U / possible_U,
            "precision": hits_U / cutoff,
            "hit": (hits_U > 0).astype(np.float64),
            "ndcg": dcg_U / self.ideal_K[possible_U],
            "ndcg_fullk": dcg_U / self.ideal_K[cutoff],
            "ndcg_hits": dcg_U / self.ideal_K[np.maximum(hits_U, 1)],
            "map": precision_U / sizes_U,
            "map_min": precision_U / possible_U,
            "mrr_first": np.where(hits_U > 0, self.first_U, 0.0),
            "mrr_sum": self.reciprocal_UK[:, cutoff - 1],
        }
