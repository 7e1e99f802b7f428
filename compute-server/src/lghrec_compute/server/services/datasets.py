"""`lghrec.v1.DatasetService`."""

from __future__ import annotations

from collections.abc import AsyncIterator

from lghrec.v1 import dataset_pb2
from lghrec_compute.server.runs.notifier import Notifier
from lghrec_compute.server.uploads import Uploads
from lghrec_compute.server.uploads.datasets import Datasets
from lghrec_compute.server.uploads.stream import receive


class DatasetService:
    """Receives, lists and deletes uploaded data sets."""

    def __init__(self, datasets: Datasets, uploads: Uploads, notifier: Notifier) -> None:
        self._datasets = datasets
        self._uploads = uploads
        self._notifier = notifier

    async def BeginUpload(
        self, request: dataset_pb2.BeginUploadRequest, _: object
    ) -> dataset_pb2.BeginUploadResponse:
        """Announce the files of a data set and return those that are missing."""
        self._notifier.check()
        return await self._datasets.begin(request)

    async def UploadFile(
        self, requests: AsyncIterator[dataset_pb2.UploadFileRequest], _: object
    ) -> dataset_pb2.UploadFileResponse:
        """Receive the bytes of one file, or the rest of them."""
        return await receive(self._uploads, requests, check=self._notifier.check)

    async def ListDatasets(
        self, request: dataset_pb2.ListDatasetsRequest, _: object
    ) -> dataset_pb2.ListDatasetsResponse:
        """Return a page of data sets, newest first."""
        return await self._datasets.list(request)

    async def GetDataset(
        self, request: dataset_pb2.GetDatasetRequest, _: object
    ) -> dataset_pb2.GetDatasetResponse:
        """Return one data set."""
        return dataset_pb2.GetDatasetResponse(dataset=await self._datasets.get(request.dataset_id))

    async def DeleteDataset(
        self, request: dataset_pb2.DeleteDatasetRequest, _: object
    ) -> dataset_pb2.DeleteDatasetResponse:
        """Delete a data set."""
        await self._datasets.delete(request.dataset_id)
        return dataset_pb2.DeleteDatasetResponse()
