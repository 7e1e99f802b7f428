"""Conversion of errors to gRPC statuses: a code, a message of one line, and a `lghrec.v1.ErrorDetail`.

An error that is not listed here is a defect of the server. It becomes INTERNAL with an id that is also in the
log, and nothing else of it is sent to the client.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NoReturn

import grpc
from google.protobuf import any_pb2, descriptor_pb2, descriptor_pool, message_factory

from lghrec.v1 import error_pb2
from lghrec_compute.errors import (
    ConfigError,
    ConflictError,
    DiskError,
    LghrecError,
    NotFoundError,
    TransitionError,
    Violation,
)
from lghrec_compute.server.clock import new_id
from lghrec_compute.server.errors import (
    DrainingError,
    HashMismatchError,
    InUseError,
    OffsetError,
    TokenError,
)
from lghrec_compute.server.logs import log
from lghrec_compute.server.text import one_line

_DETAILS_KEY = "grpc-status-details-bin"
_MAX_MESSAGE = 1000
_MAX_VIOLATION = 500
_MAX_DETAIL_BYTES = 4096
"""Clients limit trailing metadata to 8 KiB, and base64 makes the details a third longer."""


_CODES: tuple[tuple[type[LghrecError], grpc.StatusCode, str], ...] = (
    (ConfigError, grpc.StatusCode.INVALID_ARGUMENT, "FIELD_INVALID"),
    (ConflictError, grpc.StatusCode.ALREADY_EXISTS, "REQUEST_ID_REUSED"),
    (NotFoundError, grpc.StatusCode.NOT_FOUND, ""),
    (InUseError, grpc.StatusCode.FAILED_PRECONDITION, "DATASET_IN_USE"),
    (TransitionError, grpc.StatusCode.FAILED_PRECONDITION, "ILLEGAL_TRANSITION"),
    (DiskError, grpc.StatusCode.RESOURCE_EXHAUSTED, "DISK_FULL"),
    (DrainingError, grpc.StatusCode.UNAVAILABLE, "DRAINING"),
    (OffsetError, grpc.StatusCode.OUT_OF_RANGE, "OFFSET_PAST_END"),
    (HashMismatchError, grpc.StatusCode.DATA_LOSS, "HASH_MISMATCH"),
    (TokenError, grpc.StatusCode.UNAUTHENTICATED, "UNAUTHENTICATED"),
)
_RETRY_AFTER_S = {"DRAINING": 1}


async def abort(context: grpc.aio.ServicerContext, error: Exception, *, run_id: str = "") -> NoReturn:
    """End the call with the status of `error`. An error that is not listed is logged with its traceback."""
    code, message, detail = describe(error)
    if code is grpc.StatusCode.INTERNAL:
        log.error("internal error", error_id=detail.metadata["error_id"], exc_info=error)
    detail.run_id = run_id[:64]
    trailing = ((_DETAILS_KEY, _packed(code, message, detail)),)
    await context.abort(code, message, trailing)
    raise AssertionError("abort never returns")


def describe(error: Exception) -> tuple[grpc.StatusCode, str, error_pb2.ErrorDetail]:
    """Return the code, the message and the detail of an error."""
    for error_type, code, reason in _CODES:
        if isinstance(error, error_type):
            return code, one_line(error.message, _MAX_MESSAGE), _detail(error, reason)
    error_id = new_id()
    detail = error_pb2.ErrorDetail(reason="INTERNAL", metadata={"error_id": error_id})
    return grpc.StatusCode.INTERNAL, f"internal error, logged by the server with id {error_id}", detail


def _detail(error: LghrecError, reason: str) -> error_pb2.ErrorDetail:
    detail = error_pb2.ErrorDetail(reason=reason or getattr(error, "reason", ""))
    if error.hint:
        detail.metadata["hint"] = error.hint
    if reason in _RETRY_AFTER_S:
        detail.retry_after.seconds = _RETRY_AFTER_S[reason]
    if isinstance(error, ConfigError):
        _add_violations(detail, error.violations)
    return detail


def _add_violations(detail: error_pb2.ErrorDetail, violations: Sequence[Violation]) -> None:
    for i, violation in enumerate(violations):
        detail.field_violations.add(
            path=one_line(violation.path, _MAX_VIOLATION),
            description=one_line(violation.description, _MAX_VIOLATION),
        )
        if detail.ByteSize() > _MAX_DETAIL_BYTES:
            del detail.field_violations[-1]
            detail.metadata["more_violations"] = str(len(violations) - i)
            return


def _packed(code: grpc.StatusCode, message: str, detail: error_pb2.ErrorDetail) -> bytes:
    packed = any_pb2.Any()
    packed.Pack(detail)
    status = RpcStatus(code=code.value[0], message=message, details=[packed.SerializeToString()])
    return status.SerializeToString()


def _status_type() -> Any:
    """Return `google.rpc.Status` from a separate pool: the package that defines it may be installed or not.

    Its details are declared as bytes, because a message and its bytes have the same encoding.
    """
    file = descriptor_pb2.FileDescriptorProto(name="google/rpc/status.proto", package="google.rpc")
    file.syntax = "proto3"
    status = file.message_type.add(name="Status")
    field = descriptor_pb2.FieldDescriptorProto
    single, repeated = field.LABEL_OPTIONAL, field.LABEL_REPEATED
    status.field.add(name="code", number=1, type=field.TYPE_INT32, label=single)
    status.field.add(name="message", number=2, type=field.TYPE_STRING, label=single)
    status.field.add(name="details", number=3, type=field.TYPE_BYTES, label=repeated)
    pool = descriptor_pool.DescriptorPool()
    pool.AddSerializedFile(file.SerializeToString())
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("google.rpc.Status"))


RpcStatus = _status_type()
"""The message type in `grpc-status-details-bin`."""
