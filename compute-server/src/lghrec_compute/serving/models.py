"""A cache of open models: the most recently used ones stay open."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence

from lghrec_compute.artifacts import Artifact, ArtifactStore
from lghrec_compute.serving.served import Scored, Served, UserList, open_model

OPEN_MODELS = 4
"""Number of open models. Each takes the memory of its ids and interactions; embeddings are mapped."""


class Models:
    """Answers requests to model artifacts from any thread. An id names content, so no entry becomes stale."""

    def __init__(self, store: ArtifactStore, *, size: int = OPEN_MODELS) -> None:
        self._store = store
        self._size = size
        self._opened: OrderedDict[str, Served] = OrderedDict()
        self._lock = threading.Lock()
        self._opening = threading.Lock()

    def recommend(
        self, model: Artifact, users: Sequence[str], *, k: int, include_seen: bool = False
    ) -> list[UserList]:
        """Return the `k` best items of each user, without items that the user has seen in any part.

        Raises the errors of `served`.
        """
        return self.served(model).recommend(users, k=k, include_seen=include_seen)

    def similar(self, model: Artifact, item: str, *, k: int) -> list[Scored]:
        """Return the `k` items nearest to `item` by cosine.

        Raises `NotFoundError` for an unknown item, and the errors of `served`.
        """
        return self.served(model).similar(item, k=k)

    def served(self, model: Artifact) -> Served:
        """Return the open model, and close the least recently used one if there are too many.

        Raises `NotFoundError` if its data set is missing, `IntegrityError` if a file does not match its hash.
        """
        if (found := self._find(model.id)) is not None:
            return found
        with self._opening:  # many requests at the same time open it once
            if (found := self._find(model.id)) is not None:
                return found
            whole = self._store.verified(model.id, "model")
            opened = open_model(whole, self._store.verified(whole.meta["dataset"], "dataset"))
            with self._lock:
                self._opened[model.id] = opened
                while len(self._opened) > self._size:
                    self._opened.popitem(last=False)
            return opened

    def _find(self, model_id: str) -> Served | None:
        with self._lock:
            found = self._opened.get(model_id)
            if found is not None:
                self._opened.move_to_end(model_id)
            return found
