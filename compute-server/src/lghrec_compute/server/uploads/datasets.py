"""The operations on uploaded data sets: begin, list, read, delete."""

from __future__ import annotations

import asyncio

from lghrec.v1 import dataset_pb2
from lghrec_compute.artifacts import Artifact, ArtifactStore
from lghrec_compute.errors import NotFoundError
from lghrec_compute.server.clock import now_ms
from lghrec_compute.server.store import Database, dataset_names, forget_dataset, name_dataset
from lghrec_compute.server.uploads import FOLDER, Plan, Uploads, plan_upload
from lghrec_compute.server.uploads.folder import remove_folder
from lghrec_compute.server.uploads.plan import is_id
from lghrec_compute.server.wire.listing import ArtifactListing
from lghrec_compute.server.wire.messages import timestamp


class Datasets:
    """All data sets of a server. Their files are artifacts; the database adds their names."""

    def __init__(self, database: Database, store: ArtifactStore, uploads: Uploads, *, max_bytes: int) -> None:
        self._database = database
        self._store = store
        self._uploads = uploads
        self._max_bytes = max_bytes
        self._listing = ArtifactListing(store)

    async def begin(self, request: dataset_pb2.BeginUploadRequest) -> dataset_pb2.BeginUploadResponse:
        """Announce an upload and return the files that are missing. Raises `ConfigError`, `DiskError`."""
        plan = await asyncio.to_thread(self._announced, request)
        dataset_id = plan.dataset_id
        if not await self._uploads.has_begun(dataset_id) and await self._uploads.stored(dataset_id) is None:
            await self._database.write(name_dataset, dataset_id, request.name)
        pending = await self._uploads.begin(plan)
        response = dataset_pb2.BeginUploadResponse(dataset_id=dataset_id, complete=not pending)
        for number, received in pending.items():
            response.pending.add(path=plan.files[number].path, received_bytes=received)
        return response

    async def list(self, request: dataset_pb2.ListDatasetsRequest) -> dataset_pb2.ListDatasetsResponse:
        """Return a page of data sets, newest first. Raises `ConfigError` for an invalid token."""
        names = await self._database.read(dataset_names)
        response = dataset_pb2.ListDatasetsResponse()

        def add(artifact: Artifact) -> None:
            response.datasets.append(_message(artifact, names.get(artifact.id, "")))

        return await asyncio.to_thread(self._listing.fill, response, request, "source", add)

    async def get(self, dataset_id: str) -> dataset_pb2.Dataset:
        """Return one data set. Raises `NotFoundError`."""
        artifact = await self._uploads.stored(dataset_id)
        if artifact is None:
            raise _unknown(dataset_id)
        names = await self._database.read(dataset_names)
        return _message(artifact, names.get(dataset_id, ""))

    async def delete(self, dataset_id: str) -> None:
        """Delete a data set or its unfinished upload. A second call changes nothing.

        Raises `NotFoundError` for an id that was never announced, `InUseError` if a run needs the data set.
        """
        if not is_id(dataset_id):
            raise _unknown(dataset_id)
        exists = await self._uploads.has_begun(dataset_id) or await self._is_stored(dataset_id)
        existed = await self._database.write(forget_dataset, dataset_id, now_ms())
        if not exists and not existed:
            raise _unknown(dataset_id)
        await self._uploads.drop(dataset_id)
        if await self._is_stored(dataset_id):
            await asyncio.to_thread(self._remove, dataset_id)

    def _announced(self, request: dataset_pb2.BeginUploadRequest) -> Plan:
        plan = plan_upload(request, self._max_bytes)
        assert plan.dataset_id, "computes the hash over up to 10,000 names here, off the event loop"
        return plan

    async def _is_stored(self, dataset_id: str) -> bool:
        return await self._uploads.stored(dataset_id) is not None

    def _remove(self, dataset_id: str) -> None:
        drafts = self._store.drafts
        drafts.mkdir(exist_ok=True)
        remove_folder(self._store.get(dataset_id).folder, drafts)


def _message(artifact: Artifact, name: str) -> dataset_pb2.Dataset:
    message = dataset_pb2.Dataset(
        id=artifact.id,
        name=name,
        size_bytes=artifact.size_bytes,
        create_time=timestamp(int(artifact.create_time * 1000)),
    )
    for file in artifact.files:
        path = file.path.removeprefix(f"{FOLDER}/")
        message.files.add(path=path, size_bytes=file.size_bytes, sha256=file.sha256)
    return message


def _unknown(dataset_id: str) -> NotFoundError:
    return NotFoundError(
        f"no data set {dataset_id[:64]!r}", reason="DATASET_UNKNOWN", hint="list the data sets to find the id"
    )
