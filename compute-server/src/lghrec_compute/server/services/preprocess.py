"""`lghrec.v1.PreprocessService`."""

from __future__ import annotations

from lghrec.v1 import preprocess_pb2
from lghrec_compute.server.runs.submitter import Submitter


class PreprocessService:
    """Accepts preprocess runs."""

    def __init__(self, submitter: Submitter) -> None:
        self._submitter = submitter

    async def StartPreprocess(
        self, request: preprocess_pb2.StartPreprocessRequest, _: object
    ) -> preprocess_pb2.StartPreprocessResponse:
        """Queues a run, at most once for each request id."""
        run, deduplicated = await self._submitter.submit("preprocess", request)
        return preprocess_pb2.StartPreprocessResponse(run=run, deduplicated=deduplicated)
