"""Metrics of embeddings, or of existing lists, against one held-out part.

Shapes: D embedding size, I items, K longest cutoff, U evaluated users, V all users.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from lghrec_compute.errors import DataError
from lghrec_compute.evaluation.catalogue import Catalogue, list_metrics, whole_metrics
from lghrec_compute.evaluation.metrics import means, user_metrics
from lghrec_compute.evaluation.pairs import Pairs, contains, lists_of, pair_keys
from lghrec_compute.evaluation.rank import Ranked, rank
from lghrec_compute.spec.metrics import LIST_METRICS, RANKING_METRICS, WHOLE_METRICS
from lghrec_compute.types import Bools, Doubles, Ints


@dataclass(frozen=True)
class Evaluation:
    """Result of an evaluation.

    `users_U` are the ids of the users with a held-out item, in ascending order. `per_user` contains fp64 [U]
    for each metric, and `whole` contains the metrics of all lists together. `ranked` are the lists, and
    `hits_UK` is True for their held-out items. `num_skipped` is the number of users without a held-out item.
    """

    users_U: Ints
    per_user: dict[str, Doubles]
    ranked: Ranked
    hits_UK: Bools
    num_skipped: int
    whole: dict[str, float] = field(default_factory=dict)

    @property
    def num_users(self) -> int:
        """Number of users in the means."""
        return len(self.users_U)

    @property
    def means(self) -> dict[str, float]:
        """Mean over users of each metric, for example "ndcg@20", and the metrics of all lists together."""
        return means(self.per_user) | self.whole

    @property
    def num_tied(self) -> int:
        """Number of users whose candidates all have the same score, so that their list is ordered by ids."""
        return int(self.ranked.tied_U.sum())


class Evaluator:
    """Evaluates embeddings against one held-out part. Create it once and call it after each epoch.

    `users_U` are the users with a held-out item. `held` and `seen` contain one list for each of these users.
    `metrics` are the metrics of `RANKING_METRICS` that are computed.
    """

    def __init__(
        self,
        held_out: Pairs,
        seen: Sequence[Pairs],
        *,
        num_users: int,
        num_items: int,
        cutoffs: Sequence[int],
        keep_I: Bools | None = None,
        metrics: Sequence[str] = RANKING_METRICS,
        catalogue: Catalogue | None = None,
    ) -> None:
        """Prepare the lists.

        `seen` are the parts whose items are no candidates. `keep_I` is True for items that count as held out.
        None means all items. `metrics` are names of `spec.metrics.METRICS`, and the metrics of listed items
        require the `catalogue`. Raises `DataError` if no user has a held-out item, or if an item is both held
        out and seen.
        """
        self.num_users, self.num_items = num_users, num_items
        self.cutoffs = tuple(sorted(set(cutoffs)))
        self.metrics = tuple(name for name in RANKING_METRICS if name in metrics)
        self._listed = tuple(name for name in LIST_METRICS if name in metrics)
        self._whole = tuple(name for name in WHOLE_METRICS if name in metrics)
        self._catalogue = catalogue
        held_keys = pair_keys([held_out], num_users, num_items)
        seen_keys = pair_keys(seen, num_users, num_items)
        _check_apart(held_keys, seen_keys, num_items)
        if keep_I is not None:
            held_keys = held_keys[keep_I[held_keys % num_items]]
        if not len(held_keys):
            raise DataError(
                "no user has a held-out item", hint="give the part a larger share, or filter the data less"
            )
        self.users_U = np.unique(held_keys // num_items)
        self.held = lists_of(held_keys, self.users_U, num_items)
        self.seen = lists_of(seen_keys, self.users_U, num_items)
        self._held_keys = self.held.rows_E * num_items + self.held.items_E

    def __call__(
        self, users_VD: Tensor, items_ID: Tensor, *, on_chunk: Callable[[int], None] = lambda _: None
    ) -> Evaluation:
        """Evaluate final embeddings of all users and items. Raises `NonFiniteError` for NaN and infinity.

        `on_chunk` receives the number of finished users.
        """
        assert len(users_VD) == self.num_users, "the embeddings have another number of users"
        assert len(items_ID) == self.num_items, "the embeddings have another number of items"
        index_U = torch.from_numpy(self.users_U).to(users_VD.device)
        chosen_UD = users_VD.detach().index_select(0, index_U)
        ranked = rank(chosen_UD, items_ID, cutoff=self.cutoffs[-1], seen=self.seen, on_chunk=on_chunk)
        return self.score_lists(ranked)

    def score_lists(self, ranked: Ranked) -> Evaluation:
        """Compute the metrics of existing lists, one for each of `users_U`."""
        items_UK = ranked.items_UK
        hits_UK = self.hits(items_UK)
        per_user = user_metrics(hits_UK, self.held.sizes, self.cutoffs, self.metrics)
        if self._listed:
            assert self._catalogue is not None, "metrics of listed items require a catalogue"
            per_user |= list_metrics(items_UK, self.cutoffs, self._catalogue, self._listed)
        whole = whole_metrics(items_UK, self.cutoffs, self.num_items, self._whole)
        num_skipped = self.num_users - len(self.users_U)
        return Evaluation(self.users_U, per_user, ranked, hits_UK, num_skipped=num_skipped, whole=whole)

    def hits(self, items_UK: Ints) -> Bools:
        """Return True for listed items that are held out. -1 is no item."""
        keys_UK = np.arange(len(items_UK))[:, None] * self.num_items + items_UK
        return contains(self._held_keys, keys_UK) & (items_UK >= 0)


def evaluate_embeddings(
    users_VD: Tensor,
    items_ID: Tensor,
    *,
    held_out: Pairs,
    seen: Sequence[Pairs],
    cutoffs: Sequence[int],
    keep_I: Bools | None = None,
) -> Evaluation:
    """Evaluate final embeddings once. For several evaluations use `Evaluator`, which prepares the lists
    once."""
    evaluator = Evaluator(
        held_out, seen, num_users=len(users_VD), num_items=len(items_ID), cutoffs=cutoffs, keep_I=keep_I
    )
    return evaluator(users_VD, items_ID)


def _check_apart(held_keys: Ints, seen_keys: Ints, num_items: int) -> None:
    both = np.intersect1d(held_keys, seen_keys, assume_unique=True)
    if len(both):
        user, item = divmod(int(both[0]), num_items)
        raise DataError(
            f"{len(both)} held-out items are masked as seen, the first is item {item} of user {user}",
            hint="use a split whose parts do not overlap, or a mask without the held-out part",
        )
