"""`grpc.health.v1` and server reflection, for load balancers, container checks and grpcurl."""

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
"""Full names of the services of this server, without health and reflection."""


class Health:
    """Reports the health of the whole server (under the empty name) and of each service."""

    def __init__(self, server: grpc.aio.Server) -> None:
        self._servicer: Any = vars(health)["aio"].HealthServicer()  # a public name that type checkers miss
        health_pb2_grpc.add_HealthServicer_to_server(self._servicer, server)

    async def serving(self) -> None:
        """Report all services as serving."""
        for name in ("", *SERVICES):
            await self._servicer.set(name, health_pb2.HealthCheckResponse.SERVING)

    async def not_serving(self) -> None:
        """Report all services as not serving. This cannot be reverted."""
        await self._servicer.enter_graceful_shutdown()


def add_reflection(server: grpc.aio.Server) -> None:
    """Let clients read the service definitions through reflection."""
    names = (*SERVICES, health.SERVICE_NAME, reflection.SERVICE_NAME)
    reflection.enable_server_reflection(names, server)
