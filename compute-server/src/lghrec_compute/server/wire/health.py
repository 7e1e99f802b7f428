"""`grpc.health.v1` and server reflection: what load balancers, container checks and grpcurl ask."""

from __future__ import annotations

from typing import Any

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

_KINDS = (
    *("Preprocess", "Train", "Evaluate", "Export", "Run"),
    *("Artifact", "Dataset", "Recommend", "Semantic", "System"),
)
SERVICES = tuple(f"lghrec.v1.{kind}Service" for kind in _KINDS)
"""Full names of what this server serves beside health and reflection."""


class Health:
    """Answers for the server as a whole (the empty name) and for each service."""

    def __init__(self, server: grpc.aio.Server) -> None:
        self._servicer: Any = vars(health)["aio"].HealthServicer()  # a public name that type checkers miss
        health_pb2_grpc.add_HealthServicer_to_server(self._servicer, server)

    async def serving(self) -> None:
        """All is well from now on."""
        for name in ("", *SERVICES):
            await self._servicer.set(name, health_pb2.HealthCheckResponse.SERVING)

    async def not_serving(self) -> None:
        """The server is about to stop; nothing changes that any more."""
        await self._servicer.enter_graceful_shutdown()


def add_reflection(server: grpc.aio.Server) -> None:
    """Lets clients ask for the contract."""
    names = (*SERVICES, health.SERVICE_NAME, reflection.SERVICE_NAME)
    reflection.enable_server_reflection(names, server)
