"""Errors that only the server raises. `wire/status.py` maps them to gRPC statuses."""

from __future__ import annotations

from lghrec_compute.errors import IntegrityError, LghrecError, TransitionError


class DrainingError(LghrecError, ConnectionError):
    """The server is stopping and accepts no new work."""


class OffsetError(LghrecError, IndexError):
    """An offset or event number lies after the end."""


class HashMismatchError(IntegrityError):
    """The received bytes do not have the announced hash."""


class InUseError(TransitionError):
    """A data set cannot be deleted while a run needs it."""


class TokenError(LghrecError, PermissionError):
    """The request carries no token, or a wrong one."""
