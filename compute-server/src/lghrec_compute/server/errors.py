"""Errors that only the server raises. `wire/status.py` maps them to gRPC statuses."""

from __future__ import annotations

from lghrec_compute.errors import IntegrityError, LghrecError, TransitionError


class DrainingError(LghrecError, ConnectionError):
    """The server is about to stop and takes no new work."""


class OffsetError(LghrecError, IndexError):
    """A place past the end was asked for."""


class HashMismatchError(IntegrityError):
    """Bytes that were received do not have the hash that was announced."""


class InUseError(TransitionError):
    """A data set cannot go while a run needs it."""


class TokenError(LghrecError, PermissionError):
    """The request carries no token, or another one."""
