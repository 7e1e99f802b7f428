"""One stream of chunks: a header, then the bytes of one file in order."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

from lghrec.v1 import dataset_pb2
from lghrec_compute.errors import ConfigError
from lghrec_compute.server.uploads.folder import chunk_error
from lghrec_compute.server.uploads.plan import FOLDER
from lghrec_compute.server.uploads.registry import Upload, Uploads

MAX_CHUNK = 256 * 1024
_SETTLE_BYTES = 32 * 1024 * 1024
"""So much at most has to be sent again after a power cut."""

Requests = AsyncIterator[dataset_pb2.UploadFileRequest]
Response = dataset_pb2.UploadFileResponse


async def receive(uploads: Uploads, requests: Requests, *, check: Callable[[], None]) -> Response:
    """Takes what a client sends, one chunk in memory at a time; what came before any error stays.

    `check` is called for each chunk and may raise. Ends once the file is whole, or when the client ends.
    Raises as `Uploads.take` does.
    """
    header = await _header(requests)
    upload = await uploads.open(header.dataset_id)
    if upload is None:
        return await _stored(uploads, header)
    assert upload.plan is not None
    number = upload.plan.number(header.path)
    received = upload.plan.files[number].size_bytes
    if number in upload.missing:
        received = await _receive(uploads, upload, number, header=header, requests=requests, check=check)
    return Response(received_bytes=received, complete=upload.is_complete)


async def _receive(
    uploads: Uploads,
    upload: Upload,
    number: int,
    *,
    header: dataset_pb2.UploadHeader,
    requests: Requests,
    check: Callable[[], None],
) -> int:
    assert upload.plan is not None
    size = upload.plan.files[number].size_bytes
    received = await uploads.received(upload, number)
    if header.offset > received:
        text = f"got {header.offset}, expected at most {received}, the bytes received so far"
        raise ConfigError.at("header.offset", text)
    place, settled = header.offset, received
    async for request in requests:
        check()
        chunk = _chunk(request, place, size)
        received = await uploads.take(upload, number, chunk)
        place += len(chunk.data)
        if received == size:
            return size
        if received - settled >= _SETTLE_BYTES:
            await uploads.settle(upload, number)
            settled = received
    await uploads.settle(upload, number)
    return received


async def _header(requests: Requests) -> dataset_pb2.UploadHeader:
    async for request in requests:
        if request.HasField("header"):
            return request.header
        break
    text = "missing, expected it as the first message"
    raise ConfigError.at("header", text)


def _chunk(request: dataset_pb2.UploadFileRequest, place: int, size: int) -> dataset_pb2.UploadChunk:
    if not request.HasField("chunk"):
        text = "missing, expected one after the header"
        raise ConfigError.at("chunk", text)
    chunk = request.chunk
    if chunk.offset != place:
        raise chunk_error("offset", f"does not follow: got {chunk.offset}, expected {place}")
    if len(chunk.data) > MAX_CHUNK:
        raise chunk_error("data", f"got {len(chunk.data)} bytes, expected at most {MAX_CHUNK}")
    if place + len(chunk.data) > size:
        raise chunk_error(
            "data", f"past the end: got byte {place + len(chunk.data)}, expected {size} at most"
        )
    return chunk


async def _stored(uploads: Uploads, header: dataset_pb2.UploadHeader) -> Response:
    """All is there already, sent by somebody else meanwhile."""
    artifact = await uploads.stored(header.dataset_id)
    path = artifact.path(f"{FOLDER}/{header.path}") if artifact else None
    size = path.stat().st_size if path else 0
    return Response(received_bytes=size, complete=artifact is not None)
