"""`lghrec.v1.ArtifactService`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing

from lghrec.v1 import artifact_pb2
from lghrec_compute.artifacts import ArtifactStore
from lghrec_compute.server.runs.notifier import Hub
from lghrec_compute.server.services.downloads import CHUNK, chunks
from lghrec_compute.server.wire.listing import ArtifactListing
from lghrec_compute.server.wire.messages import artifact_message


class ArtifactService:
    """Reads what runs have stored."""

    def __init__(self, store: ArtifactStore, hub: Hub) -> None:
        self._store = store
        self._hub = hub
        self._listing = ArtifactListing(store)

    async def ListArtifacts(
        self, request: artifact_pb2.ListArtifactsRequest, _: object
    ) -> artifact_pb2.ListArtifactsResponse:
        """A page of artifacts, newest first."""
        return await asyncio.to_thread(self._listing.page, request)

    async def GetArtifact(
        self, request: artifact_pb2.GetArtifactRequest, _: object
    ) -> artifact_pb2.GetArtifactResponse:
        """One artifact with its files."""
        artifact = await asyncio.to_thread(self._store.get, request.artifact_id)
        return artifact_pb2.GetArtifactResponse(artifact=artifact_message(artifact))

    async def DownloadArtifact(
        self, request: artifact_pb2.DownloadArtifactRequest, _: object
    ) -> AsyncIterator[artifact_pb2.DownloadArtifactResponse]:
        """The bytes of one file from an offset."""
        artifact = await asyncio.to_thread(self._store.get, request.artifact_id)
        offset = request.offset
        pieces = chunks(artifact.path(request.path), offset)
        async with aclosing(pieces):  # type: ignore[type-var]
            async for chunk in pieces:
                self._hub.check()
                assert len(chunk) <= CHUNK
                yield artifact_pb2.DownloadArtifactResponse(offset=offset, chunk=chunk)
                offset += len(chunk)
