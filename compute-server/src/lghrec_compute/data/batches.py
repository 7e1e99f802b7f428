"""Batches for ranking losses: exact, vectorised, and reproducible for any epoch without the epochs before it.

Shapes: U users, E interactions, B rows of a batch, C items of train.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from lghrec_compute.errors import DataError
from lghrec_compute.types import Ints


class Batch(NamedTuple):
    """Users, one item that each user has, and one item that each user does not have; int64 [B]."""

    user_B: Tensor
    positive_B: Tensor
    negative_B: Tensor


class Sampler:
    """Yields every train interaction once per epoch, in random order, with one random negative item.

    A negative is uniform over the items of train that its user does not have. Cold items are never negatives:
    a loss that sees them only as negatives ranks them last whatever their text is (with a quarter of cold
    items in a generated data set, none of them was in any top 20). Order and negatives of an epoch depend
    only on (seed, epoch). A user who has every item has no negative, so these interactions are in no batch,
    but they stay in the graph; `num_interactions` counts the others. `user_E` and `item_E` are int64, sorted
    by user, then item. Raises `DataError` if no user has a negative.
    """

    def __init__(self, user_E: Ints, item_E: Ints, *, batch_size: int, seed: int) -> None:
        # items are counted by their index among the C items of train
        self._item_C, index_E = np.unique(item_E, return_inverse=True)
        num_items = len(self._item_C)
        num_seen_U = np.bincount(user_E)
        start_U = np.cumsum(num_seen_U) - num_seen_U
        rank_E = np.arange(user_E.size) - start_U[user_E]
        usable_E = num_seen_U[user_E] < num_items
        if not usable_E.any():
            raise DataError(
                "no user can be ranked for: each of them has every item of train", hint="use more items"
            )
        self._user_E, self._item_E = user_E[usable_E], item_E[usable_E]
        self._start_E = start_U[self._user_E]
        self._num_unseen_E = num_items - num_seen_U[self._user_E]
        # sorted, because a user's seen items s_0 < s_1 < ... give s_k - k >= 0, which never decreases
        self._unseen_below_E = user_E * num_items + index_E - rank_E
        self.batch_size = batch_size
        self.seed = seed

    @property
    def num_interactions(self) -> int:
        """Number of rows of an epoch."""
        return self._user_E.size

    @property
    def num_steps(self) -> int:
        """Number of batches of an epoch. The last batch may be shorter."""
        return -(-self.num_interactions // self.batch_size)

    def epoch(self, epoch: int) -> tuple[Ints, Ints, Ints]:
        """Return users, positives and negatives of a whole epoch in order, int64 [E] each."""
        random = np.random.Generator(np.random.Philox(np.random.SeedSequence((self.seed, epoch))))
        order_E = random.permutation(self.num_interactions)
        negative_E = self._negatives(random)
        return self._user_E[order_E], self._item_E[order_E], negative_E[order_E]

    def batches(
        self, epoch: int, *, first_step: int = 0, device: torch.device | str = "cpu"
    ) -> Iterator[Batch]:
        """Yield the epoch's batches from `first_step`. The whole epoch is copied to the device once."""
        columns = [torch.from_numpy(column_E).to(device) for column_E in self.epoch(epoch)]
        for step in range(first_step, self.num_steps):
            rows = slice(step * self.batch_size, (step + 1) * self.batch_size)
            yield Batch(*(column_E[rows] for column_E in columns))

    def _negatives(self, random: np.random.Generator) -> Ints:
        """Return one item per row that its user does not have, exactly uniform, without rejected draws.

        The r-th unseen item is r + #{k : s_k - k <= r}, because so many seen items precede it.
        """
        rank_E = random.integers(0, self._num_unseen_E)
        bound_E = self._user_E * len(self._item_C) + rank_E
        index_E = rank_E + np.searchsorted(self._unseen_below_E, bound_E, side="right") - self._start_E
        return self._item_C[index_E]
