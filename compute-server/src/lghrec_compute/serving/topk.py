"""Exact top-K lists in NumPy, equal to the bit to those of evaluation and export.

A score is the dot product, summed in fp64 by adding halves to halves, and rounded to fp32. A product in fp32
only preselects: every item that its rounding could have ranked below position K is scored again. Equal scores
are ordered by the lower item.

Shapes: I items, D embedding, B users, K list positions, E pairs, N rows.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from lghrec_compute.types import Doubles, Floats, Ints

_LOWEST = np.finfo(np.float32).min
_BLOCK_PAIRS = 4096  # with 64 fp64 values per pair, a block stays in the cache


def best_items(
    users_BD: Floats, items_ID: Floats, masked: tuple[Ints, Ints], *, k: int, longest: float
) -> tuple[Ints, Floats]:
    """Return the `k` best items of each user, the best first, and their scores: [B, K], filled with -1 and
    -inf.

    `masked` contains rows and items that are not candidates. `longest` is an upper bound of the items' norms.
    The memory is two times B * I scores.
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
    """Return the `k` nearest items to `item` by cosine, in [-1, 1], without the item. An item of norm 0 has
    cosine 0."""
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
    """Return the Euclidean norm of each row [N]."""
    return np.sqrt(_in_blocks(rows_ND, lambda some_ND: some_ND * some_ND))


def dot_rows(rows_ND: Floats, with_D: Doubles) -> Doubles:
    """Return the dot product of each row with one vector [N]. Equal rows give equal bits."""
    return _in_blocks(rows_ND, lambda some_ND: some_ND * with_D)


def _in_blocks(rows_ND: Floats, terms: Callable[[Doubles], Doubles]) -> Doubles:
    sums_N = np.empty(len(rows_ND))
    for start in range(0, len(rows_ND), _BLOCK_PAIRS):
        some = slice(start, start + _BLOCK_PAIRS)
        sums_N[some] = _sum_halves(terms(rows_ND[some].astype(np.float64)))
    return sums_N


def _margins(users_BD: Floats, longest: float) -> Doubles:
    """Return twice the maximum error of an fp32 product for each user.

    For any order of summation, the error is at most D * 2^-24 * |u| * |i| (Higham 2002, eq 3.5).
    """
    depth = users_BD.shape[1] + 8  # 8: rounding of the score itself and of the bound
    return 2 * depth * (2.0**-24 * longest * norms(users_BD) + 2.0**-126)


def _exact_scores(users_BD: Floats, items_ID: Floats, row_E: Ints, item_E: Ints) -> Floats:
    score_E = np.empty(len(row_E), np.float32)
    for start in range(0, len(row_E), _BLOCK_PAIRS):
        some = slice(start, start + _BLOCK_PAIRS)
        terms_ED = users_BD[row_E[some]].astype(np.float64)
        terms_ED *= items_ID[item_E[some]]
        score_E[some] = _sum_halves(terms_ED)
    return score_E + np.float32(0)  # -0.0 becomes 0.0


def _sum_halves(terms_ED: Doubles) -> Doubles:
    """Return row sums in one fixed order. It overwrites the terms."""
    while (width := terms_ED.shape[1]) > 1:
        half = (width + 1) // 2
        terms_ED[:, : width - half] += terms_ED[:, half:]
        terms_ED = terms_ED[:, :half]
    return terms_ED[:, 0] if terms_ED.shape[1] else np.zeros(len(terms_ED))
