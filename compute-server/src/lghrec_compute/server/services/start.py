"""The services that start runs: `PreprocessService`, `TrainService`, `EvaluateService`, `ExportService`."""

from __future__ import annotations

from lghrec.v1 import evaluate_pb2, export_pb2, preprocess_pb2, train_pb2
from lghrec_compute.server.runs.submitter import Submitter


class StartServices:
    """All four services in one object. Each method queues a run, at most once for each request id."""

    def __init__(self, submitter: Submitter) -> None:
        self._submitter = submitter

    async def StartPreprocess(
        self, request: preprocess_pb2.StartPreprocessRequest, _: object
    ) -> preprocess_pb2.StartPreprocessResponse:
        """Queue a run that prepares a data set."""
        run, deduplicated = await self._submitter.submit("preprocess", request)
        return preprocess_pb2.StartPreprocessResponse(run=run, deduplicated=deduplicated)

    async def StartTrain(
        self, request: train_pb2.StartTrainRequest, _: object
    ) -> train_pb2.StartTrainResponse:
        """Queue a run that trains a model."""
        run, deduplicated = await self._submitter.submit("train", request)
        return train_pb2.StartTrainResponse(run=run, deduplicated=deduplicated)

    async def StartEvaluate(
        self, request: evaluate_pb2.StartEvaluateRequest, _: object
    ) -> evaluate_pb2.StartEvaluateResponse:
        """Queue a run that evaluates a model or the predictions of another tool."""
        run, deduplicated = await self._submitter.submit("evaluate", request)
        return evaluate_pb2.StartEvaluateResponse(run=run, deduplicated=deduplicated)

    async def StartCompare(
        self, request: evaluate_pb2.StartCompareRequest, _: object
    ) -> evaluate_pb2.StartCompareResponse:
        """Queue a run that compares evaluations."""
        run, deduplicated = await self._submitter.submit("compare", request)
        return evaluate_pb2.StartCompareResponse(run=run, deduplicated=deduplicated)

    async def StartReport(
        self, request: evaluate_pb2.StartReportRequest, _: object
    ) -> evaluate_pb2.StartReportResponse:
        """Queue a run that writes a report page."""
        run, deduplicated = await self._submitter.submit("report", request)
        return evaluate_pb2.StartReportResponse(run=run, deduplicated=deduplicated)

    async def StartExport(
        self, request: export_pb2.StartExportRequest, _: object
    ) -> export_pb2.StartExportResponse:
        """Queue a run that exports a model."""
        run, deduplicated = await self._submitter.submit("export", request)
        return export_pb2.StartExportResponse(run=run, deduplicated=deduplicated)
