"""Ranked lists from the scores of another tool, in the same form as the lists of a model.

Shapes: E scored pairs, K longest cutoff, U evaluated users.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lghrec_compute.errors import DataError
from lghrec_compute.evaluation.evaluate import Evaluator
from lghrec_compute.evaluation.pairs import contains
from lghrec_compute.evaluation.rank import Ranked
from lghrec_compute.types import Bools, Doubles, Ints


@dataclass(frozen=True)
class Scored:
    """Distinct pairs with their scores, in any order. Higher scores are better."""

    user_E: Ints
    item_E: Ints
    score_E: Doubles


@dataclass(frozen=True)
class Listed:
    """Lists for all users of the evaluator, and counts of omitted pairs and of short lists.

    `num_masked` is the number of pairs with an item that the user has seen. `num_other` is the number of
    pairs of users without a held-out item. `num_without` is the number of users without a remaining pair.
    `num_short` is the number of users with fewer pairs than the longest cutoff, although they have more
    unseen items.
    """

    ranked: Ranked
    num_masked: int
    num_other: int
    num_without: int
    num_short: int


def list_scored(evaluator: Evaluator, scored: Scored) -> Listed:
    """Return the best pairs of each user, ordered by the given score in fp64 and then by ascending item id.

    Raises `DataError` for a score that is not finite.
    """
    _check(scored)
    wanted_E = contains(evaluator.users_U, scored.user_E)
    row_E = np.searchsorted(evaluator.users_U, scored.user_E[wanted_E])
    item_E, score_E = scored.item_E[wanted_E], scored.score_E[wanted_E]
    seen = evaluator.seen
    free_E = ~contains(seen.rows_E * evaluator.num_items + seen.items_E, row_E * evaluator.num_items + item_E)
    row_E, item_E, score_E = row_E[free_E], item_E[free_E], score_E[free_E]

    sizes_U = np.bincount(row_E, minlength=len(evaluator.users_U))
    lists = _best(row_E, item_E, score_E, sizes_U=sizes_U, cutoff=evaluator.cutoffs[-1])
    possible_U = np.minimum(evaluator.cutoffs[-1], evaluator.num_items - seen.sizes)
    return Listed(
        lists,
        num_masked=int((~free_E).sum()),
        num_other=int((~wanted_E).sum()),
        num_without=int((sizes_U == 0).sum()),
        num_short=int(((sizes_U > 0) & (sizes_U < possible_U)).sum()),
    )


def _check(scored: Scored) -> None:
    bad_E = ~np.isfinite(scored.score_E)
    if bad_E.any():
        index = int(bad_E.argmax())
        raise DataError(
            f"{int(bad_E.sum())} scores are not finite, the first is {scored.score_E[index]} of item"
            f" {scored.item_E[index]} for user {scored.user_E[index]}",
            hint="leave out pairs without a score",
        )


def _best(row_E: Ints, item_E: Ints, score_E: Doubles, *, sizes_U: Ints, cutoff: int) -> Ranked:
    order_E = np.lexsort((item_E, -score_E, row_E))
    row_E, item_E, score_E = row_E[order_E], item_E[order_E], score_E[order_E]
    starts_U = np.cumsum(sizes_U) - sizes_U
    index_E = np.arange(len(row_E)) - np.repeat(starts_U, sizes_U)
    top_E = index_E < cutoff
    items_UK = np.full((len(sizes_U), cutoff), -1, np.int64)
    scores_UK = np.full((len(sizes_U), cutoff), -np.inf, np.float32)
    items_UK[row_E[top_E], index_E[top_E]] = item_E[top_E]
    with np.errstate(over="ignore"):  # these scores are only shown; fp64 scores define the order
        scores_UK[row_E[top_E], index_E[top_E]] = score_E[top_E].astype(np.float32)
    return Ranked(items_UK, scores_UK, _tied(score_E, starts_U, sizes_U))


def _tied(score_E: Doubles, starts_U: Ints, sizes_U: Ints) -> Bools:
    """Return True for users with at least two pairs whose highest and lowest score are equal."""
    tied_U = sizes_U > 1
    first_U, last_U = starts_U[tied_U], (starts_U + sizes_U - 1)[tied_U]
    tied_U[tied_U] = score_E[first_U] == score_E[last_U]
    return tied_U
