/**
 * Maps what a transport throws to the errors of this package. Reads status codes, the typed detail and `cause.code`,
 * never message text. A broken connection arrives as Internal, Aborted or Canceled, depending on where it broke, so the
 * cause decides.
 */

import { durationMs } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError } from "@connectrpc/connect";
import {
  AuthError,
  ConflictError,
  ConnectionError,
  type ConnectionErrorKind,
  type ErrorOptions,
  IncompatibleServerError,
  IntegrityError,
  InvalidArgumentError,
  LghrecError,
  NotFoundError,
  ResourceExhaustedError,
  ServerError,
  TimeoutError,
  UnavailableError,
} from "../errors.js";
import { type ErrorDetail, ErrorDetailSchema } from "../gen/lghrec/v1/error_pb.js";

/** Facts about the failed call that its error carries. */
export type CallFacts = Pick<ErrorOptions, "attempts" | "requestId" | "runId" | "attachHint">;

/** Converts anything that a transport throws into an `LghrecError`. */
export function fromWire(thrown: unknown, facts: CallFacts = {}): LghrecError {
  const own = findOwn(thrown);
  if (own !== undefined) return own;
  const error = ConnectError.from(thrown);
  const options: ErrorOptions = { ...facts, cause: thrown };
  const detail = readDetail(error);
  // Only an LGHRec server sends a detail, so its status is reliable.
  if (detail !== undefined) return fromStatus(error, options, detail);
  const kind = connectionKind(error);
  if (kind !== undefined)
    return new ConnectionError(kind, `${CONNECTION_TEXT[kind]}: ${rootText(error)}`, options);
  return fromStatus(error, options, undefined);
}

/** Returns the time after which the server suggests another attempt, in milliseconds. */
export function retryAfterMs(error: unknown): number | undefined {
  const found = error instanceof UnavailableError || error instanceof ResourceExhaustedError;
  return found ? error.retryAfterMs : undefined;
}

const CONNECTION_TEXT: Record<ConnectionErrorKind, string> = {
  refused: "nothing listens at the endpoint",
  dns: "the endpoint's host name cannot be resolved",
  tls: "the TLS connection to the endpoint failed",
  protocol: "the program that listens at the endpoint does not speak gRPC",
  reset: "the connection broke",
  unreachable: "the endpoint cannot be reached",
  closed: "the client was closed",
};

const CAUSE_KINDS: readonly [RegExp, ConnectionErrorKind][] = [
  [/^(ECONNREFUSED|ENOENT)$/, "refused"], // ENOENT: the unix socket does not exist
  [/^(ENOTFOUND|EAI_\w+)$/, "dns"],
  [/^(EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ENETDOWN|ETIMEDOUT|EADDRNOTAVAIL)$/, "unreachable"],
  [/^(ERR_TLS_\w+|ERR_SSL_\w+|EPROTO|CERT_\w+|\w*SELF_SIGNED\w*|UNABLE_TO_\w+|HOSTNAME_MISMATCH)$/, "tls"],
  [/^(ECONNRESET|EPIPE|ECONNABORTED|ERR_STREAM_\w+|ERR_SOCKET_\w+)$/, "reset"],
  [/^ERR_HTTP2_(SESSION_ERROR|INVALID_SESSION|INVALID_STREAM|GOAWAY_SESSION|STREAM_CANCEL)$/, "reset"],
  [/^ERR_HTTP2_\w+$/, "protocol"], // also ERR_HTTP2_ERROR: the peer sent something that is not HTTP/2
];

function connectionKind(error: ConnectError): ConnectionErrorKind | undefined {
  for (const code of causeCodes(error)) {
    for (const [pattern, kind] of CAUSE_KINDS) if (pattern.test(code)) return kind;
  }
  switch (error.code) {
    case Code.Canceled: // not by the client: the connection broke during the call
    case Code.Aborted:
      return "reset";
    case Code.Unavailable:
      return "unreachable";
    default:
      return undefined;
  }
}

function fromStatus(error: ConnectError, facts: ErrorOptions, detail: ErrorDetail | undefined): LghrecError {
  const options: ErrorOptions = {
    ...facts,
    reason: detail?.reason || undefined,
    runId: detail?.runId || facts.runId,
    // The server's hint is about this case, the hint of the class about all errors of the class.
    ...(detail?.metadata.hint && { hint: detail.metadata.hint }),
  };
  // Attaching again helps only if the client lost contact with a run.
  const lostContact = error.code === Code.DeadlineExceeded || error.code === Code.Unavailable;
  if (!lostContact) delete options.attachHint;
  const message = error.rawMessage;
  const wait = detail?.retryAfter && durationMs(detail.retryAfter);
  const retry = { retryAfterMs: wait, ...(wait === undefined ? {} : { retryable: true }) };
  switch (error.code) {
    case Code.InvalidArgument:
    case Code.OutOfRange: {
      const violations = (detail?.fieldViolations ?? []).map(({ path, description }) => ({
        path,
        description,
      }));
      return new InvalidArgumentError(message, { ...options, violations });
    }
    case Code.NotFound:
      return new NotFoundError(message, options);
    case Code.AlreadyExists:
    case Code.FailedPrecondition:
    case Code.Aborted:
      return new ConflictError(message, options);
    case Code.ResourceExhausted:
      return new ResourceExhaustedError(message, { ...options, ...retry });
    case Code.Unavailable:
    case Code.Canceled:
      return new UnavailableError(message, { ...options, ...retry });
    case Code.DeadlineExceeded:
      return new TimeoutError(message, options);
    case Code.Unauthenticated:
    case Code.PermissionDenied:
      return new AuthError(message, options);
    case Code.Unimplemented:
      return new IncompatibleServerError(`the server does not have this method: ${message}`, options);
    case Code.DataLoss:
      return new IntegrityError(message, {
        hint: "the bytes changed during the transfer; send them again",
        ...options,
      });
    case Code.Internal:
    case Code.Unknown:
      return new ServerError(message, { ...options, errorId: detail?.metadata.error_id });
  }
}

/** Returns the typed detail. A detail that cannot be decoded must not hide the error itself. */
function readDetail(error: ConnectError): ErrorDetail | undefined {
  try {
    return error.findDetails(ErrorDetailSchema)[0];
  } catch {
    return undefined;
  }
}

function findOwn(thrown: unknown): LghrecError | undefined {
  for (const link of causes(thrown)) if (LghrecError.is(link)) return link;
  return undefined;
}

function causeCodes(error: unknown): string[] {
  return causes(error).flatMap((link) => {
    const code = (link as { code?: unknown }).code;
    return typeof code === "string" ? [code] : [];
  });
}

function causes(error: unknown): object[] {
  const chain: object[] = [];
  let link = error;
  while (typeof link === "object" && link !== null && !chain.includes(link)) {
    chain.push(link);
    // A connection attempt over IPv4 and IPv6 raises one error that contains one error for each.
    const { cause, errors } = link as { cause?: unknown; errors?: unknown };
    link = cause ?? (Array.isArray(errors) ? errors[0] : undefined);
  }
  return chain;
}

function rootText(error: ConnectError): string {
  const root = causes(error).at(-1) as { message?: string; code?: string };
  return root.message || root.code || error.rawMessage;
}
