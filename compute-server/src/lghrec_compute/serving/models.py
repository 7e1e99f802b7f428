"""Keeps the most recently used models open.

Shapes: see `model.py`.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence

from lghrec_compute.artifacts import Artifact, ArtifactStore
from lghrec_compute.serving.model import ScoredItem, ServedModel, UserList, open_model

OPEN_MODELS = 4
"""An open model needs memory for its data set's ids and interactions. Its embeddings are mapped."""


class Models:
    """Answers requests to model artifacts from any thread. An id identifies content, so an open model is
    never outdated."""

    def __init__(self, store: ArtifactStore, *, size: int = OPEN_MODELS) -> None:
        self._store = store
        self._size = size
        self._opened: OrderedDict[str, ServedModel] = OrderedDict()
        self._lock = threading.Lock()
        self._opening = threading.Lock()

    def recommend(
        self, model: Artifact, users: Sequence[str], *, k: int, include_seen: bool = False
    ) -> list[UserList]:
        """Return the `k` best items of each user, without those that the user has seen in any part of the
        data set.

        Raises the errors of `open`.
        """
        return self.open(model).recommend(users, k=k, include_seen=include_seen)

    def similar(self, model: Artifact, item: str, *, k: int) -> list[ScoredItem]:
        """Return the `k` nearest items to `item` by cosine. Raises `NotFoundError`, and the errors of
        `open`."""
        return self.open(model).similar(item, k=k)

    def open(self, model: Artifact) -> ServedModel:
        """Return the open model. Opening one may close the least recently used model.

        Raises `NotFoundError` if its data set is missing, and `IntegrityError` if the bytes do not match
        their hash.
        """
        if (found := self._find(model.id)) is not None:
            return found
        with self._opening:  # concurrent requests open a model once
            if (found := self._find(model.id)) is not None:
                return found
            whole = self._store.verified(model.id, "model")
            opened = open_model(whole, self._store.verified(whole.meta["dataset"], "dataset"))
            with self._lock:
                self._opened[model.id] = opened
                while len(self._opened) > self._size:
                    self._opened.popitem(last=False)
            return opened

    def _find(self, model_id: str) -> ServedModel | None:
        with self._lock:
            found = self._opened.get(model_id)
            if found is not None:
                self._opened.move_to_end(model_id)
            return found
