"""Exact lists in NumPy, with the same bits as the lists that are evaluated and exported.

A score is the dot product, summed pairwise in fp64 and rounded to fp32. A product in fp32 only proposes
items: every item that its rounding could have moved out of the K best is scored again. Equal scores are
ordered by the lower item.

Shapes: I items, D embedding size, B users, K length of a list, E pairs.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from lghrec_compute.types import Doubles, Floats, Ints

_LOWEST = np.finfo(np.float32).min
_SCORED_AT_ONCE = 4096  # pairs; 64 fp64 values each stay in the cache


def best_items(
    users_BD: Floats, items_ID: Floats, masked: tuple[Ints, Ints], *, k: int, longest: float
) -> tuple[Ints, Floats]:
    """Return the `k` best items of each user, best first, and their scores, [B, K] each.

    Missing items are -1 with the score -inf. `masked` holds pairs of a row and an item that are not ranked.
    `longest` is an upper bound of the norms of the items. The function holds B * I scores twice.
    """
    num_users, num_items = len(users_BD), len(items_ID)
    k = min(k, num_items)
    scores_BI = users_BD @ items_ID.T
    scores_BI[masked] = -np.inf
    kth_B = np.partition(scores_BI, num_items - k, axis=1)[:, num_items - k]
    bound_B = (kth_B.astype(np.float64) - _margins(users_BD, longest)).astype(np.float32)
    row_E, item_E = np.nonzero(scores_BI >= np.maximum(bound_B, _LOWEST)[:, None])
    score_E = _exact_scores(users_BD, items_ID, row_E, item_E)

    order_E = np.lexsort((item_E, -score_E, row_E))
    row_E, item_E, score_E = row_E[order_E], item_E[order_E], score_E[order_E]
    counts_B = np.bincount(row_E, minlength=num_users)
    rank_E = np.arange(len(row_E)) - (np.cumsum(counts_B) - counts_B)[row_E]
    kept = rank_E < k
    items_BK = np.full((num_users, k), -1, np.int64)
    found_BK = np.full((num_users, k), -np.inf, np.float32)
    items_BK[row_E[kept], rank_E[kept]] = item_E[kept]
    found_BK[row_E[kept], rank_E[kept]] = score_E[kept]
    return items_BK, found_BK


def nearest_items(items_ID: Floats, norms_I: Doubles, item: int, *, k: int) -> tuple[Ints, Doubles]:
    """Return the `k` items nearest to `item` by cosine, without itself; a norm of 0 gives the cosine 0."""
    dots_I = dot_rows(items_ID, items_ID[item].astype(np.float64))
    lengths_I = norms_I * norms_I[item]
    cosine_I = np.divide(dots_I, lengths_I, out=np.zeros_like(dots_I), where=lengths_I > 0)
    cosine_I = np.clip(cosine_I, -1, 1)
    cosine_I[item] = -np.inf
    k = min(k, len(items_ID) - 1)
    if k == 0:
        return np.zeros(0, np.int64), np.zeros(0)
    kth = np.partition(cosine_I, len(items_ID) - k)[len(items_ID) - k]
    item_E = np.flatnonzero(cosine_I >= kth)
    best_K = item_E[np.lexsort((item_E, -cosine_I[item_E]))[:k]]
    return best_K, cosine_I[best_K]


def norms(rows_ND: Floats) -> Doubles:
    """Return the Euclidean norm of each row, [N]."""
    return np.sqrt(_in_blocks(rows_ND, lambda some_ND: some_ND * some_ND))


def dot_rows(rows_ND: Floats, with_D: Doubles) -> Doubles:
    """Return the dot product of each row with one vector, [N]; equal rows give equal bits."""
    return _in_blocks(rows_ND, lambda some_ND: some_ND * with_D)


def _in_blocks(rows_ND: Floats, terms: Callable[[Doubles], Doubles]) -> Doubles:
    sums_N = np.empty(len(rows_ND))
    for start in range(0, len(rows_ND), _SCORED_AT_ONCE):
        some = slice(start, start + _SCORED_AT_ONCE)
        sums_N[some] = _sum_halves(terms(rows_ND[some].astype(np.float64)))
    return sums_N


def _margins(users_BD: Floats, longest: float) -> Doubles:
    """Return twice the largest error of an fp32 product, for each user.

    Any order of summation is within D * 2^-24 * |u| * |i| of the true dot product (Higham 2002, eq 3.5).
    """
    depth = users_BD.shape[1] + 8  # 8: rounding of the score itself and of the bound
    return 2 * depth * (2.0**-24 * longest * norms(users_BD) + 2.0**-126)


def _exact_scores(users_BD: Floats, items_ID: Floats, row_E: Ints, item_E: Ints) -> Floats:
    score_E = np.empty(len(row_E), np.float32)
    for start in range(0, len(row_E), _SCORED_AT_ONCE):
        some = slice(start, start + _SCORED_AT_ONCE)
        terms_ED = users_BD[row_E[some]].astype(np.float64)
        terms_ED *= items_ID[item_E[some]]
        score_E[some] = _sum_halves(terms_ED)
    return score_E + np.float32(0)  # -0.0 becomes 0.0


def _sum_halves(terms_ED: Doubles) -> Doubles:
    """Return the row sums in one fixed order; the terms are overwritten."""
    while (width := terms_ED.shape[1]) > 1:
        half = (width + 1) // 2
        terms_ED[:, : width - half] += terms_ED[:, half:]
        terms_ED = terms_ED[:, :half]
    return terms_ED[:, 0] if terms_ED.shape[1] else np.zeros(len(terms_ED))
