/** Errors as an LGHRec server sends them. */

import { create, toBinary } from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError } from "@connectrpc/connect";
import { ErrorDetailSchema } from "../gen/lghrec/v1/error_pb.js";
import type { FakeStatus, StatusName } from "./fake.js";

const CODES: Record<StatusName, Code> = {
  invalid_argument: Code.InvalidArgument,
  not_found: Code.NotFound,
  already_exists: Code.AlreadyExists,
  permission_denied: Code.PermissionDenied,
  unauthenticated: Code.Unauthenticated,
  resource_exhausted: Code.ResourceExhausted,
  failed_precondition: Code.FailedPrecondition,
  out_of_range: Code.OutOfRange,
  unimplemented: Code.Unimplemented,
  internal: Code.Internal,
  data_loss: Code.DataLoss,
  unavailable: Code.Unavailable,
  deadline_exceeded: Code.DeadlineExceeded,
};

export function statusError(fake: FakeStatus): ConnectError {
  const { status, message = status, reason = "", retryAfterMs, violations = [], metadata = {}, bare } = fake;
  const value = {
    reason,
    fieldViolations: violations.map(({ path, description }) => ({ path, description })),
    ...(retryAfterMs !== undefined && { retryAfter: durationFromMs(retryAfterMs) }),
    metadata: { ...metadata },
  };
  const details = bare ? [] : [{ desc: ErrorDetailSchema, value }];
  return new ConnectError(message, CODES[status], undefined, details);
}

/** Returns the bytes of `grpc-status-details-bin`: a google.rpc.Status that contains each detail in an Any. */
export function statusDetails({ code, rawMessage, details }: ConnectError): Uint8Array | undefined {
  const writer = new BinaryWriter();
  writer.tag(1, WireType.Varint).int32(code).tag(2, WireType.LengthDelimited).string(rawMessage);
  for (const detail of details) {
    if (!("desc" in detail)) continue;
    const any = new BinaryWriter();
    any.tag(1, WireType.LengthDelimited).string(`type.googleapis.com/${detail.desc.typeName}`);
    any.tag(2, WireType.LengthDelimited).bytes(toBinary(detail.desc, create(detail.desc, detail.value)));
    writer.tag(3, WireType.LengthDelimited).bytes(any.finish());
  }
  return details.length === 0 ? undefined : writer.finish();
}
