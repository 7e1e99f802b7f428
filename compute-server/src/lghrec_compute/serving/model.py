"""One open model: its mapped embeddings, the ids of its data set, and the items that its users have seen.

Shapes: U users, I items, D embedding, B users of a request, K items of a list.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from lghrec_compute.artifacts import Artifact
from lghrec_compute.errors import IntegrityError, NotFoundError
from lghrec_compute.mapped_tensors import map_matrix
from lghrec_compute.serving.ids import ExternalIds, read_ids
from lghrec_compute.serving.seen import SeenItems, read_seen
from lghrec_compute.serving.topk import best_items, nearest_items, norms
from lghrec_compute.types import Doubles, Floats, Ints

CELLS = 2**20
"""Maximum number of scores of a block of users. A block needs about 10 bytes per score, or 50 if all scores
are equal."""


class ScoredItem(NamedTuple):  # three times cheaper than a dataclass; one response may have 100,000
    """External id of an item, and its score or cosine."""

    item: str
    score: float


@dataclass(frozen=True)
class UserList:
    """Items for one user, the best first. It is empty if `known` is False."""

    user: str
    known: bool
    items: Sequence[ScoredItem]


class ServedModel:
    """Answers requests to one model. It is safe for many threads, because it never changes."""

    def __init__(
        self, users_UD: Floats, items_ID: Floats, ids: tuple[ExternalIds, ExternalIds], seen: SeenItems
    ) -> None:
        self._users_UD, self._items_ID = users_UD, items_ID
        self._user_ids, self._item_ids = ids
        self._seen = seen
        self._norms_I: Doubles = norms(items_ID)
        self._longest = float(self._norms_I.max(initial=0))

    @property
    def is_finite(self) -> bool:
        """True if all numbers of the embeddings are finite."""
        return bool(np.isfinite(self._norms_I).all() and np.isfinite(norms(self._users_UD)).all())

    def recommend(self, users: Sequence[str], *, k: int, include_seen: bool) -> list[UserList]:
        """Return the `k` best items of each user, in the order of `users`. Unknown users get an empty
        list."""
        rows = [self._user_ids.find(user) for user in users]
        known_B = np.array([row for row in rows if row is not None], np.int64)
        lists = self._lists(known_B, k, include_seen)
        return [
            UserList(user, False, ()) if row is None else UserList(user, True, next(lists))
            for user, row in zip(users, rows, strict=True)
        ]

    def similar(self, item: str, *, k: int) -> list[ScoredItem]:
        """Return the `k` nearest items by cosine, without the item itself. Raises `NotFoundError` for an
        unknown item."""
        row = self._item_ids.find(item)
        if row is None:
            raise NotFoundError(
                f"no item {item[:64]!r} in the model's data set",
                reason="ITEM_UNKNOWN",
                hint="give its external id",
            )
        items_K, cosine_K = nearest_items(self._items_ID, self._norms_I, row, k=k)
        names = [self._item_ids.name(found) for found in items_K]
        return [ScoredItem(*pair) for pair in zip(names, cosine_K.tolist(), strict=True)]

    def _lists(self, users_B: Ints, k: int, include_seen: bool) -> Iterator[list[ScoredItem]]:
        size = max(1, CELLS // max(1, len(self._items_ID)))
        for first in range(0, len(users_B), size):
            some_B = users_B[first : first + size]
            nothing = np.zeros(0, np.int64)
            masked = (nothing, nothing) if include_seen else self._seen.pairs(some_B)
            found = best_items(self._users_UD[some_B], self._items_ID, masked, k=k, longest=self._longest)
            yield from self._named(*found)

    def _named(self, items_BK: Ints, scores_BK: Floats) -> Iterator[list[ScoredItem]]:
        # an item is often in many lists, and its id is decoded once
        names = {int(item): self._item_ids.name(item) for item in np.unique(items_BK) if item >= 0}
        for items_K, scores_K in zip(items_BK.tolist(), scores_BK.tolist(), strict=True):
            yield [ScoredItem(names[i], score) for i, score in zip(items_K, scores_K, strict=True) if i >= 0]


def open_model(model: Artifact, dataset: Artifact) -> ServedModel:
    """Open a model artifact with its data set's artifact.

    Raises `IntegrityError` if the two do not fit together or the embeddings are not finite.
    """
    path = model.path("embeddings.safetensors")
    hint = "train the model again"
    users_UD, items_ID = (map_matrix(path, name, hint=hint) for name in ("users_UD", "items_ID"))
    ids = read_ids(dataset.path("users.parquet")), read_ids(dataset.path("items.parquet"))
    got, expected = (len(users_UD), len(items_ID)), (len(ids[0]), len(ids[1]))
    if got != expected:
        raise IntegrityError(
            f"model {model.id[:12]} does not fit its data set: got embeddings of {got[0]} users and {got[1]}"
            f" items, expected {expected[0]} and {expected[1]}",
            hint="train the model again",
        )
    seen = read_seen(dataset.path("interactions.parquet"), len(users_UD))
    served = ServedModel(users_UD, items_ID, ids=ids, seen=seen)
    if not served.is_finite:
        raise IntegrityError(f"embeddings of model {model.id[:12]} are not finite", hint="train it again")
    return served
