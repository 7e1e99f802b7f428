"""`lghrec.v1.TrainService`."""

from __future__ import annotations

from lghrec.v1 import train_pb2
from lghrec_compute.server.runs.submitter import Submitter


class TrainService:
    """Accepts train runs."""

    def __init__(self, submitter: Submitter) -> None:
        self._submitter = submitter

    async def StartTrain(
        self, request: train_pb2.StartTrainRequest, _: object
    ) -> train_pb2.StartTrainResponse:
        """Queues a run, at most once for each request id."""
        run, deduplicated = await self._submitter.submit("train", request)
        return train_pb2.StartTrainResponse(run=run, deduplicated=deduplicated)
