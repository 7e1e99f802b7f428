"""One upload stream: a header, then the bytes of one file in order."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

from lghrec.v1 import dataset_pb2
from lghrec_compute.errors import ConfigError
from lghrec_compute.server.uploads.folder import chunk_error
from lghrec_compute.server.uploads.plan import FOLDER
from lghrec_compute.server.uploads.registry import Upload, Uploads

MAX_CHUNK = 256 * 1024
_SYNC_BYTES = 32 * 1024 * 1024
"""Largest number of bytes that must be sent again after a power failure."""

Requests = AsyncIterator[dataset_pb2.UploadFileRequest]
Response = dataset_pb2.UploadFileResponse


async def receive(uploads: Uploads, requests: Requests, *, check: Callable[[], None]) -> Response:
    """Receive the bytes of one file, with one chunk in memory at a time. Bytes before an error are kept.

    `check` is called for each chunk and may raise. The function returns when the file is complete or the
    client ends the stream. Raises the errors of `Uploads.append`.
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
    position, synced = header.offset, received
    async for request in requests:
        check()
        chunk = _chunk(request, position, size)
        received = await uploads.append(upload, number, chunk)
        position += len(chunk.data)
        if received == size:
            return size
        if received - synced >= _SYNC_BYTES:
            await uploads.sync(upload, number)
            synced = received
    await uploads.sync(upload, number)
    return received


async def _header(requests: Requests) -> dataset_pb2.UploadHeader:
    async for request in requests:
        if request.HasField("header"):
            return request.header
        break
    text = "missing, expected it as the first message"
    raise ConfigError.at("header", text)


def _chunk(request: dataset_pb2.UploadFileRequest, position: int, size: int) -> dataset_pb2.UploadChunk:
    if not request.HasField("chunk"):
        text = "missing, expected one after the header"
        raise ConfigError.at("chunk", text)
    chunk = request.chunk
    if chunk.offset != position:
        raise chunk_error("offset", f"leaves a gap or goes back: got {chunk.offset}, expected {position}")
    if len(chunk.data) > MAX_CHUNK:
        raise chunk_error("data", f"got {len(chunk.data)} bytes, expected at most {MAX_CHUNK}")
    if position + len(chunk.data) > size:
        raise chunk_error(
            "data", f"after the end: got byte {position + len(chunk.data)}, expected at most {size}"
        )
    return chunk


async def _stored(uploads: Uploads, header: dataset_pb2.UploadHeader) -> Response:
    """Return the response for a data set that another client has completed meanwhile."""
    artifact = await uploads.stored(header.dataset_id)
    path = artifact.path(f"{FOLDER}/{header.path}") if artifact else None
    size = path.stat().st_size if path else 0
    return Response(received_bytes=size, complete=artifact is not None)
