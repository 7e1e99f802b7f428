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
    """Looks into semantic ids."""

    def __init__(self, store: ArtifactStore, endpoints: Endpoints) -> None:
        self._store = store
        self._endpoints = endpoints
        self._asking: asyncio.Task[list[Json]] | None = None

    async def GetItemCard(
        self, request: semantic_pb2.GetItemCardRequest, _: object
    ) -> semantic_pb2.GetItemCardResponse:
        """Everything behind one item's semantic id."""
        card = await asyncio.to_thread(self._card, request.artifact_id, request.item)
        response = semantic_pb2.GetItemCardResponse()
        fill(response.card, card)
        return response

    async def ListProviders(
        self, _: semantic_pb2.ListProvidersRequest, __: object
    ) -> semantic_pb2.ListProvidersResponse:
        """Which providers of texts answer; they are asked once for all who wait."""
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(asyncio.to_thread(self._endpoints.statuses))
        response = semantic_pb2.ListProvidersResponse()
        fill(response, {"providers": await asyncio.shield(self._asking)})
        return response

    def _card(self, artifact_id: str, item: str) -> Json:
        artifact = self._store.get(artifact_id)
        if artifact.kind != "semantic_ids":
            text = f"artifact of another kind: got {artifact.kind}, expected semantic_ids"
            raise ConfigError.at("artifact_id", text)
        card = read_card(artifact.folder, item)
        # A card lies in the artifact, so it cannot hold the artifact's id.
        return {
            **card,
            "provenance": {**(card.get("provenance") or {}), "semantic_ids": record_to_dict(artifact.ref)},
        }
