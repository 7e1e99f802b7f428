"""`lghrec.v1.EvaluateService`."""

from __future__ import annotations

from lghrec.v1 import evaluate_pb2
from lghrec_compute.server.runs.submitter import Submitter


class EvaluateService:
    """Accepts runs that evaluate, compare and report."""

    def __init__(self, submitter: Submitter) -> None:
        self._submitter = submitter

    async def StartEvaluate(
        self, request: evaluate_pb2.StartEvaluateRequest, _: object
    ) -> evaluate_pb2.StartEvaluateResponse:
        """Queues a run, at most once for each request id."""
        run, deduplicated = await self._submitter.submit("evaluate", request)
        return evaluate_pb2.StartEvaluateResponse(run=run, deduplicated=deduplicated)

    async def StartCompare(
        self, request: evaluate_pb2.StartCompareRequest, _: object
    ) -> evaluate_pb2.StartCompareResponse:
        """Queues a run, at most once for each request id."""
        run, deduplicated = await self._submitter.submit("compare", request)
        return evaluate_pb2.StartCompareResponse(run=run, deduplicated=deduplicated)

    async def StartReport(
        self, request: evaluate_pb2.StartReportRequest, _: object
    ) -> evaluate_pb2.StartReportResponse:
        """Queues a run, at most once for each request id."""
        run, deduplicated = await self._submitter.submit("report", request)
        return evaluate_pb2.StartReportResponse(run=run, deduplicated=deduplicated)
