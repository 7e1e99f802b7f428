"""Interceptors of every call: one checks the token, one converts errors to statuses."""

from __future__ import annotations

import hmac
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from typing import Any

import grpc
from grpc.aio import AbortError, ServerInterceptor

from lghrec_compute.server.errors import TokenError
from lghrec_compute.server.wire.status import abort

_HEALTH = "/grpc.health.v1.Health/"

_Continue = Callable[[grpc.HandlerCallDetails], Awaitable[Any]]


class ErrorInterceptor(ServerInterceptor):
    """Converts every exception of a service to a status. It wraps only the calls of `lghrec.v1`."""

    async def intercept_service(
        self, continuation: _Continue, handler_call_details: grpc.HandlerCallDetails
    ) -> Any:
        """Wrap the handler of a call."""
        handler: Any = await continuation(handler_call_details)
        if handler is None or not handler_call_details.method.startswith("/lghrec."):
            return handler
        if handler.unary_unary is not None:
            return handler._replace(unary_unary=_guard_unary(handler.unary_unary))
        if handler.stream_unary is not None:
            return handler._replace(stream_unary=_guard_unary(handler.stream_unary))
        return handler._replace(unary_stream=_guard_stream(handler.unary_stream))


class TokenInterceptor(ServerInterceptor):
    """Rejects calls without the metadata `authorization: Bearer <token>`. Health checks need no token."""

    def __init__(self, token: str) -> None:
        self._expected = f"Bearer {token}".encode()

    async def intercept_service(
        self, continuation: _Continue, handler_call_details: grpc.HandlerCallDetails
    ) -> Any:
        """Reject a call without the token before its body is read."""
        if handler_call_details.method.startswith(_HEALTH) or self._allowed(handler_call_details):
            return await continuation(handler_call_details)
        return grpc.unary_unary_rpc_method_handler(_reject)

    def _allowed(self, details: grpc.HandlerCallDetails) -> bool:
        metadata = dict(details.invocation_metadata or ())
        given = metadata.get("authorization", "")
        given = given.encode() if isinstance(given, str) else given
        return hmac.compare_digest(given, self._expected)


async def _reject(_: Any, context: grpc.aio.ServicerContext) -> None:
    hint = "send the metadata `authorization: Bearer <token>` with the server's token"
    await abort(context, TokenError("no token or a wrong token", hint=hint))


def _guard_unary(behavior: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    async def guarded(request: Any, context: grpc.aio.ServicerContext) -> Any:
        try:
            return await behavior(request, context)
        except AbortError:
            raise
        except Exception as error:
            await abort(context, error, run_id=getattr(request, "run_id", ""))

    return guarded


def _guard_stream(behavior: Callable[..., AsyncIterator[Any]]) -> Callable[..., AsyncIterator[Any]]:
    async def guarded(request: Any, context: grpc.aio.ServicerContext) -> AsyncIterator[Any]:
        try:
            async with aclosing(behavior(request, context)) as responses:  # type: ignore[type-var]
                async for response in responses:
                    yield response
        except AbortError:
            raise
        except Exception as error:
            await abort(context, error, run_id=getattr(request, "run_id", ""))

    return guarded
