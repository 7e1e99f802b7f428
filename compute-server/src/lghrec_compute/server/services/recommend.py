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

_MAX_BYTES = 4_000_000  # what a message may hold, less its frame
_AT_ONCE = 2
"""Questions that are worked on; the others wait, so that they cannot take every core and all memory."""


class RecommendService:
    """Asks stored models."""

    def __init__(self, store: ArtifactStore) -> None:
        self._store = store
        self._threads = ThreadPoolExecutor(_AT_ONCE, "recommend")
        self._lock = threading.Lock()
        self._made: Models | None = None

    async def Recommend(
        self, request: recommend_pb2.RecommendRequest, _: object
    ) -> recommend_pb2.RecommendResponse:
        """Return the best items of each user."""
        return await self._answer(self._recommend, _checked(RecommendRequest, request))

    async def SimilarItems(
        self, request: recommend_pb2.SimilarItemsRequest, _: object
    ) -> recommend_pb2.SimilarItemsResponse:
        """Return the items nearest to an item."""
        return await self._answer(self._similar, _checked(SimilarItemsRequest, request))

    async def _answer(self, compute: Callable[[S], R], request: S) -> R:
        return await asyncio.get_running_loop().run_in_executor(self._threads, compute, request)

    def _recommend(self, request: RecommendRequest) -> recommend_pb2.RecommendResponse:
        model = self._model(request.model)
        lists = self._models().recommend(model, request.users, k=request.k, include_seen=request.include_seen)
        response = recommend_pb2.RecommendResponse()
        for entry in lists:
            answer = response.users.add(user=entry.user, known=entry.known)
            for each in entry.items:
                answer.items.add(item=each.item, score=each.score)
        if (size := response.ByteSize()) > _MAX_BYTES:
            text = f"got an answer of {size:,} bytes, expected at most {_MAX_BYTES:,}; ask for fewer"
            raise ConfigError.at("users", text)
        return response

    def _similar(self, request: SimilarItemsRequest) -> recommend_pb2.SimilarItemsResponse:
        model = self._model(request.model)
        response = recommend_pb2.SimilarItemsResponse()
        for each in self._models().similar(model, request.item, k=request.k):
            response.items.add(item=each.item, score=each.score)
        return response

    def _model(self, model_id: str) -> Artifact:
        """Looked up for each question: a model that has been deleted is not answered from memory."""
        artifact = self._store.get(model_id)
        if artifact.kind != "model":
            text = f"artifact of another kind: got {artifact.kind}, expected model"
            raise ConfigError.at("model", text)
        return artifact

    def _models(self) -> Models:
        with self._lock:
            if self._made is None:
                # with the first question: it brings NumPy and pyarrow, which no other service needs
                from lghrec_compute.serving import Models

                self._made = Models(self._store)
            return self._made


def _checked(spec_type: type[S], message: Message) -> S:
    plain, found = message_to_dict(message)
    if found:
        raise ConfigError.of(found)
    return parse(spec_type, plain)
