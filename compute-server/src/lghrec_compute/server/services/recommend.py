"""`lghrec.v1.RecommendService`."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

from google.protobuf.message import Message

from lghrec.v1 import recommend_pb2
from lghrec_compute.artifacts import Artifact, ArtifactStore
from lghrec_compute.errors import ConfigError
from lghrec_compute.server.wire.convert import message_to_dict
from lghrec_compute.spec import parse
from lghrec_compute.spec.recommend import RecommendRequest, SimilarItemsRequest

if TYPE_CHECKING:
    from lghrec_compute.serving import Models

S = TypeVar("S", RecommendRequest, SimilarItemsRequest)
R = TypeVar("R")

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
        return await self._in_thread(self._recommend, _checked(RecommendRequest, request))

    async def SimilarItems(
        self, request: recommend_pb2.SimilarItemsRequest, _: object
    ) -> recommend_pb2.SimilarItemsResponse:
        """Return the items that are most similar to one item."""
        return await self._in_thread(self._similar, _checked(SimilarItemsRequest, request))

    async def _in_thread(self, compute: Callable[[S], R], request: S) -> R:
        return await asyncio.get_running_loop().run_in_executor(self._threads, compute, request)

    def _recommend(self, request: RecommendRequest) -> recommend_pb2.RecommendResponse:
        model = self._model(request.model)
        lists = self._models().recommend(model, request.users, k=request.k, include_seen=request.include_seen)
        response = recommend_pb2.RecommendResponse()
        for entry in lists:
            message = response.users.add(user=entry.user, known=entry.known)
            for each in entry.items:
                message.items.add(item=each.item, score=each.score)
        if (size := response.ByteSize()) > _MAX_BYTES:
            expected = f"expected at most {_MAX_BYTES:,}; request fewer users or items"
            text = f"got a response of {size:,} bytes, {expected}"
            raise ConfigError.at("users", text)
        return response

    def _similar(self, request: SimilarItemsRequest) -> recommend_pb2.SimilarItemsResponse:
        model = self._model(request.model)
        response = recommend_pb2.SimilarItemsResponse()
        for each in self._models().similar(model, request.item, k=request.k):
            response.items.add(item=each.item, score=each.score)
        return response

    def _model(self, model_id: str) -> Artifact:
        """Look the model up on each request, so that a deleted model is not served from memory."""
        artifact = self._store.get(model_id)
        if artifact.kind != "model":
            text = f"artifact of another kind: got {artifact.kind}, expected model"
            raise ConfigError.at("model", text)
        return artifact

    def _models(self) -> Models:
        with self._lock:
            if self._loaded is None:
                # Imported with the first request: it loads NumPy and pyarrow, which no other service needs.
                from lghrec_compute.serving import Models

                self._loaded = Models(self._store)
            return self._loaded


def _checked(spec_type: type[S], message: Message) -> S:
    data, violations = message_to_dict(message)
    if violations:
        raise ConfigError.of(violations)
    return parse(spec_type, data)
