"""`lghrec.v1.RecommendService`."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from lghrec.v1 import recommend_pb2
from lghrec_compute.artifacts import Artifact, ArtifactStore
from lghrec_compute.errors import ConfigError, Violation
from lghrec_compute.server.wire.convert import unknown_fields

if TYPE_CHECKING:
    from lghrec_compute.serving import Models

MAX_USERS, MAX_K, MAX_ANSWERS = 1_000, 1_000, 100_000
_DEFAULT_K = 10
_MAX_BYTES = 4_000_000  # the largest message, less its frame
_MAX_CONCURRENT = 2
"""Number of requests that are processed at the same time. The others wait, so that requests cannot use all
cores and all memory."""


class RecommendService:
    """Recommends items with stored models."""

    def __init__(self, store: ArtifactStore) -> None:
        self._store = store
        self._threads = ThreadPoolExecutor(_MAX_CONCURRENT, "recommend")
        self._lock = threading.Lock()
        self._loaded: Models | None = None

    async def Recommend(
        self, request: recommend_pb2.RecommendRequest, _: object
    ) -> recommend_pb2.RecommendResponse:
        """Return the best items of each user in the request."""
        found = unknown_fields(request)
        count, k = len(request.users), _k(request, found)
        if not 1 <= count <= MAX_USERS:
            found.append(Violation("users", f"got {count}, expected 1 to {MAX_USERS:,} users"))
        if not found and count * k > MAX_ANSWERS:
            text = f"got {k} for {count} users, expected at most {MAX_ANSWERS:,} items together"
            found.append(Violation("k", text))
        _refuse(found)
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._recommend, request, k)

    async def SimilarItems(
        self, request: recommend_pb2.SimilarItemsRequest, _: object
    ) -> recommend_pb2.SimilarItemsResponse:
        """Return the items that are most similar to one item."""
        found = unknown_fields(request)
        k = _k(request, found)
        _refuse(found)
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._similar, request, k)

    def _recommend(self, request: recommend_pb2.RecommendRequest, k: int) -> recommend_pb2.RecommendResponse:
        model = self._model(request.model)
        lists = self._models().recommend(model, request.users, k=k, include_seen=request.include_seen)
        response = recommend_pb2.RecommendResponse()
        for entry in lists:
            message = response.users.add(user=entry.user, known=entry.known)
            for each in entry.items:
                message.items.add(item=each.item, score=each.score)
        if (size := response.ByteSize()) > _MAX_BYTES:
            expected = f"expected at most {_MAX_BYTES:,}; request fewer users or items"
            text = f"got a response of {size:,} bytes, {expected}"
            _refuse([Violation("users", text)])
        return response

    def _similar(
        self, request: recommend_pb2.SimilarItemsRequest, k: int
    ) -> recommend_pb2.SimilarItemsResponse:
        model = self._model(request.model)
        response = recommend_pb2.SimilarItemsResponse()
        for each in self._models().similar(model, request.item, k=k):
            response.items.add(item=each.item, score=each.score)
        return response

    def _model(self, model_id: str) -> Artifact:
        """Look the model up on each request, so that a deleted model is not served from memory."""
        artifact = self._store.get(model_id)
        if artifact.kind != "model":
            text = f"artifact of another kind: got {artifact.kind}, expected model"
            _refuse([Violation("model", text)])
        return artifact

    def _models(self) -> Models:
        with self._lock:
            if self._loaded is None:
                # Imported with the first request: it loads NumPy and pyarrow, which no other service needs.
                from lghrec_compute.serving import Models

                self._loaded = Models(self._store)
            return self._loaded


def _k(
    request: recommend_pb2.RecommendRequest | recommend_pb2.SimilarItemsRequest, found: list[Violation]
) -> int:
    k = request.k if request.HasField("k") else _DEFAULT_K
    if not 1 <= k <= MAX_K:
        found.append(Violation("k", f"got {k}, expected 1 to {MAX_K:,}"))
    return k


def _refuse(violations: list[Violation]) -> None:
    if violations:
        raise ConfigError.of(violations)
