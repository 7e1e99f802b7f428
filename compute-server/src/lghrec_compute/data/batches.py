"""Batches for ranking losses: exact, vectorised, made again for any epoch without a replay.

Shapes: types.py.
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
    """Users, an item each has, an item each has not; int64 [B]."""

    user_B: Tensor
    positive_B: Tensor
    negative_B: Tensor


class Sampler:
    """Every train interaction once an epoch, in random order, each with one negative drawn for it.

    A negative is uniform over the items of train that its user has not. Cold items are none: a loss that
    knows them as negatives alone ranks them last whatever their text says (of a generated set with a
    quarter of them, not one was in a top 20). Order and negatives of an epoch depend on (seed, epoch)
    alone. A user who has every item has no negative: their interactions are in no batch, though they stay
    in the graph; `num_interactions` counts the others. `user_E`, `item_E`: int64, sorted by user, then
    item. Raises `DataError` where no user has a negative.
    """

    def __init__(self, user_E: Ints, item_E: Ints, *, batch_size: int, seed: int) -> None:
        # items count by their places among those of train, C of them
        self._item_C, place_E = np.unique(item_E, return_inverse=True)
        num_items = len(self._item_C)
        num_seen_U = np.bincount(user_E)
        start_U = np.cumsum(num_seen_U) - num_seen_U
        rank_E = np.arange(user_E.size) - start_U[user_E]
        usable_E = num_seen_U[user_E] < num_items
        if not usable_E.any():
            raise DataError(
                "no user is left to rank for: each has every item of train", hint="use more items"
            )
        self._user_E, self._item_E = user_E[usable_E], item_E[usable_E]
        self._start_E = start_U[self._user_E]
        self._num_unseen_E = num_items - num_seen_U[self._user_E]
        # sorted, as a user's seen items s_0 < s_1 < ... give s_k - k >= 0 that never falls
        self._unseen_below_E = user_E * num_items + place_E - rank_E
        self.batch_size = batch_size
        self.seed = seed

    @property
    def num_interactions(self) -> int:
        """Rows of an epoch."""
        return self._user_E.size

    @property
    def num_steps(self) -> int:
        """Batches of an epoch; the last one may be short."""
        return -(-self.num_interactions // self.batch_size)

    def epoch(self, epoch: int) -> tuple[Ints, Ints, Ints]:
        """Users, positives and negatives of a whole epoch in order, int64 [E] each."""
        random = np.random.Generator(np.random.Philox(np.random.SeedSequence((self.seed, epoch))))
        order_E = random.permutation(self.num_interactions)
        negative_E = self._negatives(random)
        return self._user_E[order_E], self._item_E[order_E], negative_E[order_E]

    def batches(
        self, epoch: int, *, first_step: int = 0, device: torch.device | str = "cpu"
    ) -> Iterator[Batch]:
        """The epoch's batches from `first_step` on; the epoch goes to the device once, not batch by batch."""
        columns = [torch.from_numpy(column_E).to(device) for column_E in self.epoch(epoch)]
        for step in range(first_step, self.num_steps):
            rows = slice(step * self.batch_size, (step + 1) * self.batch_size)
            yield Batch(*(column_E[rows] for column_E in columns))

    def _negatives(self, random: np.random.Generator) -> Ints:
        """One unseen item a row, exactly uniform, without a rejected draw.

        The r-th unseen item is r + #{k : s_k - k <= r}: that many seen items lie before it.
        """
        rank_E = random.integers(0, self._num_unseen_E)
        query_E = self._user_E * len(self._item_C) + rank_E
        place_E = rank_E + np.searchsorted(self._unseen_below_E, query_E, side="right") - self._start_E
        return self._item_C[place_E]
