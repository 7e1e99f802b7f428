"""The few models that were asked last stay open."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence

from lghrec_compute.artifacts import Artifact, ArtifactStore
from lghrec_compute.serving.served import Scored, Served, UserList, open_model

OPEN_MODELS = 4
"""An open model takes the memory of its data set's ids and interactions; its embeddings are mapped."""


class Models:
    """Answers questions to model artifacts from any thread; an id names content, so nothing gets stale."""

    def __init__(self, store: ArtifactStore, *, size: int = OPEN_MODELS) -> None:
        self._store = store
        self._size = size
        self._opened: OrderedDict[str, Served] = OrderedDict()
        self._lock = threading.Lock()
        self._opening = threading.Lock()

    def recommend(
        self, model: Artifact, users: Sequence[str], *, k: int, include_seen: bool = False
    ) -> list[UserList]:
        """The `k` best items of each user, without those that the user has met in any part of the data set.

        Raises the errors of `served`.
        """
        return self.served(model).recommend(users, k=k, include_seen=include_seen)

    def similar(self, model: Artifact, item: str, *, k: int) -> list[Scored]:
        """The `k` items nearest to `item` by cosine. Raises `NotFoundError`, and the errors of `served`."""
        return self.served(model).similar(item, k=k)

    def served(self, model: Artifact) -> Served:
        """The open model; the one that was not asked for longest is closed for it.

        Raises `NotFoundError` if its data set is missing, `IntegrityError` for bytes that are not theirs.
        """
        if (found := self._find(model.id)) is not None:
            return found
        with self._opening:  # asked for by many at once, it is opened once
            if (found := self._find(model.id)) is not None:
                return found
            whole = self._store.verified(model.id, "model")
            made = open_model(whole, self._store.verified(whole.meta["dataset"], "dataset"))
            with self._lock:
                self._opened[model.id] = made
                while len(self._opened) > self._size:
                    self._opened.popitem(last=False)
            return made

    def _find(self, model_id: str) -> Served | None:
        with self._lock:
            found = self._opened.get(model_id)
            if found is not None:
                self._opened.move_to_end(model_id)
            return found
