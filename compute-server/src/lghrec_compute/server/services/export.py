"""`lghrec.v1.ExportService`."""

from __future__ import annotations

from lghrec.v1 import export_pb2
from lghrec_compute.server.runs.submitter import Submitter


class ExportService:
    """Accepts export runs."""

    def __init__(self, submitter: Submitter) -> None:
        self._submitter = submitter

    async def StartExport(
        self, request: export_pb2.StartExportRequest, _: object
    ) -> export_pb2.StartExportResponse:
        """Queues a run, at most once for each request id."""
        run, deduplicated = await self._submitter.submit("export", request)
        return export_pb2.StartExportResponse(run=run, deduplicated=deduplicated)
