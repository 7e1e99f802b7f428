"""`lghrec.v1.SemanticService`."""

from __future__ import annotations

import asyncio

from lghrec.v1 import semantic_pb2
from lghrec_compute.artifacts import ArtifactStore
from lghrec_compute.cards import read_card
from lghrec_compute.errors import ConfigError
from lghrec_compute.json_types import Json
from lghrec_compute.records import record_to_dict
from lghrec_compute.server.endpoints import Endpoints
from lghrec_compute.server.wire.convert import fill


class SemanticService:
    """Reads semantic ids and reports the providers of texts."""

    def __init__(self, store: ArtifactStore, endpoints: Endpoints) -> None:
        self._store = store
        self._endpoints = endpoints
        self._statuses: asyncio.Task[list[Json]] | None = None

    async def GetItemCard(
        self, request: semantic_pb2.GetItemCardRequest, _: object
    ) -> semantic_pb2.GetItemCardResponse:
        """Return the text and its origin behind the semantic id of one item."""
        card = await asyncio.to_thread(self._card, request.artifact_id, request.item)
        response = semantic_pb2.GetItemCardResponse()
        fill(response.card, card)
        return response

    async def ListProviders(
        self, _: semantic_pb2.ListProvidersRequest, __: object
    ) -> semantic_pb2.ListProvidersResponse:
        """Return the status of every provider of texts. Concurrent calls share one check."""
        if self._statuses is None or self._statuses.done():
            self._statuses = asyncio.create_task(asyncio.to_thread(self._endpoints.statuses))
        response = semantic_pb2.ListProvidersResponse()
        fill(response, {"providers": await asyncio.shield(self._statuses)})
        return response

    def _card(self, artifact_id: str, item: str) -> Json:
        artifact = self._store.get(artifact_id)
        if artifact.kind != "semantic_ids":
            text = f"artifact of another kind: got {artifact.kind}, expected semantic_ids"
            raise ConfigError.at("artifact_id", text)
        card = read_card(artifact.folder, item)
        # The card is a part of the artifact, so it cannot contain the id, which is the hash of the artifact.
        provenance = {**(card.get("provenance") or {}), "semantic_ids": record_to_dict(artifact.ref)}
        return {**card, "provenance": provenance}
