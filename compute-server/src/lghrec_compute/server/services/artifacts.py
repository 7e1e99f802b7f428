"""`lghrec.v1.ArtifactService`."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

from lghrec.v1 import artifact_pb2
from lghrec_compute.artifacts import ArtifactStore
from lghrec_compute.server.errors import OffsetError
from lghrec_compute.server.runs.notifier import Notifier
from lghrec_compute.server.wire.listing import ArtifactListing
from lghrec_compute.server.wire.messages import artifact_message

_CHUNK = 256 * 1024


class ArtifactService:
    """Lists artifacts and reads their files."""

    def __init__(self, store: ArtifactStore, notifier: Notifier) -> None:
        self._store = store
        self._notifier = notifier
        self._listing = ArtifactListing(store)

    async def ListArtifacts(
        self, request: artifact_pb2.ListArtifactsRequest, _: object
    ) -> artifact_pb2.ListArtifactsResponse:
        """Return a page of artifacts, newest first."""
        return await asyncio.to_thread(self._listing.page, request)

    async def GetArtifact(
        self, request: artifact_pb2.GetArtifactRequest, _: object
    ) -> artifact_pb2.GetArtifactResponse:
        """Return one artifact with its files."""
        artifact = await asyncio.to_thread(self._store.get, request.artifact_id)
        return artifact_pb2.GetArtifactResponse(artifact=artifact_message(artifact))

    async def DownloadArtifact(
        self, request: artifact_pb2.DownloadArtifactRequest, _: object
    ) -> AsyncIterator[artifact_pb2.DownloadArtifactResponse]:
        """Stream the bytes of one file from an offset."""
        artifact = await asyncio.to_thread(self._store.get, request.artifact_id)
        offset = request.offset
        pieces = _chunks(artifact.path(request.path), offset)
        async with aclosing(pieces):  # type: ignore[type-var]
            async for chunk in pieces:
                self._notifier.check()
                yield artifact_pb2.DownloadArtifactResponse(offset=offset, chunk=chunk)
                offset += len(chunk)


async def _chunks(path: Path, offset: int) -> AsyncIterator[bytes]:
    """Yield the bytes of a file from `offset`, at most 256 KiB each, read off the event loop.

    Raises `OffsetError` for an offset after the end. Symbolic links are not followed: artifacts have none.
    """
    descriptor = await asyncio.to_thread(os.open, path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        size = os.fstat(descriptor).st_size
        if offset > size:
            raise OffsetError(f"offset after the end: got {offset}, expected at most {size}")
        while chunk := await asyncio.to_thread(os.pread, descriptor, _CHUNK, offset):
            yield chunk
            offset += len(chunk)
    finally:
        os.close(descriptor)
