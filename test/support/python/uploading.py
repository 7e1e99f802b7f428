"""Uploads as a client sends them, complete or interrupted."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterator, Mapping

from server_kit import Server

from lghrec.v1 import dataset_pb2

CHUNK = 256 * 1024


def announcement(files: Mapping[str, bytes], name: str = "") -> dataset_pb2.BeginUploadRequest:
    request = dataset_pb2.BeginUploadRequest(name=name)
    for path, content in files.items():
        sha256 = hashlib.sha256(content).hexdigest()
        request.files.add(path=path, size_bytes=len(content), sha256=sha256)
    return request


def begin(server: Server, files: Mapping[str, bytes], name: str = "") -> dataset_pb2.BeginUploadResponse:
    return server.datasets.BeginUpload(announcement(files, name), timeout=30)


def header(dataset_id: str, path: str, offset: int = 0) -> dataset_pb2.UploadFileRequest:
    return dataset_pb2.UploadFileRequest(
        header=dataset_pb2.UploadHeader(dataset_id=dataset_id, path=path, offset=offset)
    )


def chunk(offset: int, data: bytes, crc32: int | None = None) -> dataset_pb2.UploadFileRequest:
    checksum = zlib.crc32(data) if crc32 is None else crc32
    return dataset_pb2.UploadFileRequest(
        chunk=dataset_pb2.UploadChunk(offset=offset, data=data, crc32=checksum)
    )


def messages(
    dataset_id: str, path: str, content: bytes, *, offset: int = 0, size: int = CHUNK
) -> Iterator[dataset_pb2.UploadFileRequest]:
    """Yield the header and then chunks of `size` bytes, starting at `offset`."""
    yield header(dataset_id, path, offset)
    for place in range(offset, len(content), size):
        yield chunk(place, content[place : place + size])


def send(
    server: Server, dataset_id: str, path: str, content: bytes, *, offset: int = 0, size: int = CHUNK
) -> dataset_pb2.UploadFileResponse:
    return server.datasets.UploadFile(
        messages(dataset_id, path, content, offset=offset, size=size), timeout=60
    )


def upload(server: Server, files: Mapping[str, bytes], name: str = "") -> str:
    """Start an upload, send the pending bytes from the current position, and return the id."""
    begun = begin(server, files, name)
    for pending in begun.pending:
        content = files[pending.path]
        send(server, begun.dataset_id, pending.path, content, offset=pending.received_bytes)
    assert begin(server, files).complete
    return begun.dataset_id


def get(server: Server, dataset_id: str) -> dataset_pb2.Dataset:
    return server.datasets.GetDataset(dataset_pb2.GetDatasetRequest(dataset_id=dataset_id)).dataset


def delete(server: Server, dataset_id: str) -> None:
    server.datasets.DeleteDataset(dataset_pb2.DeleteDatasetRequest(dataset_id=dataset_id))
