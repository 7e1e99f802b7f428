/**
 * The one way from what a transport throws to the errors of this package. Reads status codes, the typed detail
 * and `cause.code`, never message text. What it corrects: a broken connection shows up as Internal, Aborted or
 * Canceled, depending on where it broke.
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

/** What is known about the call that failed. */
export type CallFacts = Pick<ErrorOptions, "attempts" | "requestId" | "runId" | "attachHint">;

/** Turns anything thrown by a transport into an `LghrecError`. */
export function fromWire(thrown: unknown, facts: CallFacts = {}): LghrecError {
  const own = findOwn(thrown);
  if (own !== undefined) return own;
  const error = ConnectError.from(thrown);
  const options: ErrorOptions = { ...facts, cause: thrown };
  const detail = readDetail(error);
  // A detail can only come from a server of ours: then the status means what it says.
  if (detail !== undefined) return fromStatus(error, options, detail);
  const kind = connectionKind(error);
  if (kind !== undefined)
    return new ConnectionError(kind, `${CONNECTION_TEXT[kind]}: ${rootText(error)}`, options);
  return fromStatus(error, options, undefined);
}

/** How long the server asked to wait before another try, in milliseconds. */
export function retryAfterMs(error: unknown): number | undefined {
  const found = error instanceof UnavailableError || error instanceof ResourceExhaustedError;
  return found ? error.retryAfterMs : undefined;
}

const CONNECTION_TEXT: Record<ConnectionErrorKind, string> = {
  refused: "nothing listens at the endpoint",
  dns: "the endpoint's host name cannot be resolved",
  tls: "no TLS connection to the endpoint",
  protocol: "what listens at the endpoint does not speak gRPC as expected",
  reset: "the connection broke",
  unreachable: "the endpoint cannot be reached",
  closed: "the client was closed",
};

const CAUSE_KINDS: readonly [RegExp, ConnectionErrorKind][] = [
  [/^(ECONNREFUSED|ENOENT)$/, "refused"], // ENOENT: a unix socket that is not there
  [/^(ENOTFOUND|EAI_\w+)$/, "dns"],
  [/^(EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ENETDOWN|ETIMEDOUT|EADDRNOTAVAIL)$/, "unreachable"],
  [/^(ERR_TLS_\w+|ERR_SSL_\w+|EPROTO|CERT_\w+|\w*SELF_SIGNED\w*|UNABLE_TO_\w+|HOSTNAME_MISMATCH)$/, "tls"],
  [/^(ECONNRESET|EPIPE|ECONNABORTED|ERR_STREAM_\w+|ERR_SOCKET_\w+)$/, "reset"],
  [/^ERR_HTTP2_(SESSION_ERROR|INVALID_SESSION|INVALID_STREAM|GOAWAY_SESSION|STREAM_CANCEL)$/, "reset"],
  [/^ERR_HTTP2_\w+$/, "protocol"], // also ERR_HTTP2_ERROR: the peer answered something that is not HTTP/2
];

function connectionKind(error: ConnectError): ConnectionErrorKind | undefined {
  for (const code of causeCodes(error)) {
    for (const [pattern, kind] of CAUSE_KINDS) if (pattern.test(code)) return kind;
  }
  switch (error.code) {
    case Code.Canceled: // not by us: the connection broke under an open call
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
    // The server's own advice knows the case; that of the class is for all of its kind.
    ...(detail?.metadata.hint && { hint: detail.metadata.hint }),
  };
  // Only a run that the client lost sight of can be attached to again.
  const lostSight = error.code === Code.DeadlineExceeded || error.code === Code.Unavailable;
  if (!lostSight) delete options.attachHint;
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
      return new IncompatibleServerError(`the server does not know this call: ${message}`, options);
    case Code.DataLoss:
      return new IntegrityError(message, {
        hint: "the bytes changed on their way; send them again",
        ...options,
      });
    case Code.Internal:
    case Code.Unknown:
      return new ServerError(message, { ...options, errorId: detail?.metadata.error_id });
  }
}

/** Details that cannot be decoded are no reason to lose the error they came with. */
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
    // Trying both address families raises one error that holds one for each.
    const { cause, errors } = link as { cause?: unknown; errors?: unknown };
    link = cause ?? (Array.isArray(errors) ? errors[0] : undefined);
  }
  return chain;
}

function rootText(error: ConnectError): string {
  const root = causes(error).at(-1) as { message?: string; code?: string };
  return root.message || root.code || error.rawMessage;
}
