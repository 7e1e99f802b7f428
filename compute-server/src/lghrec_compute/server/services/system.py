"""`lghrec.v1.SystemService`."""

from __future__ import annotations

from lghrec.v1 import system_pb2


class SystemService:
    """Describes this server."""

    def __init__(self, info: system_pb2.ServerInfo) -> None:
        self._info = info

    async def GetServerInfo(
        self, _: system_pb2.GetServerInfoRequest, __: object
    ) -> system_pb2.GetServerInfoResponse:
        """Return the version, limits and capabilities of this server."""
        return system_pb2.GetServerInfoResponse(info=self._info)
