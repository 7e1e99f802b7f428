/**
 * All errors of this package. Add a class only where a caller would branch on it, with a literal `name`, a stable
 * `code` and a `hint` of one line. `rpc/wire-errors.ts` maps errors of the wire to these classes.
 */

import type { RunFailure } from "./api/run.js";
import { definedOnly, type ErrorOptions, LghrecError } from "./error-base.js";

export { type ErrorOptions, LghrecError, type LghrecErrorCode } from "./error-base.js";

/** An option, an environment variable or the local installation is wrong. */
export class ConfigError extends LghrecError {
  override readonly name = "ConfigError";
  readonly code = "config";
  /** Exit code of the command line: 2 settings, 9 port in use, 10 data directory, 11 Python. */
  readonly exitCode: number;

  constructor(message: string, options: ErrorOptions & { exitCode?: number } = {}) {
    super(message, options);
    this.exitCode = options.exitCode ?? 2;
  }

  protected override details(): Record<string, unknown> {
    return { exitCode: this.exitCode };
  }
}

/**
 * Why the connection failed.
 *
 * - `refused`: nothing listens at the endpoint.
 * - `dns`: the host name cannot be resolved.
 * - `tls`: the TLS handshake failed.
 * - `protocol`: the peer does not speak gRPC over HTTP/2.
 * - `reset`: an open connection broke.
 * - `unreachable`: the network or the host does not answer.
 * - `closed`: `client.close()` was called.
 */
export type ConnectionErrorKind = "refused" | "dns" | "tls" | "protocol" | "reset" | "unreachable" | "closed";

const CONNECTION_HINTS: Record<ConnectionErrorKind, string> = {
  refused: "start a server with `lghrec serve`, or correct the endpoint",
  dns: "correct the host name in the endpoint, or check the name server",
  tls: "set tls.ca to the authority that signed the server's certificate, and tls.serverName if the names differ",
  protocol: "check that the port belongs to an LGHRec server, and that http:// or https:// is correct",
  reset: "try again; if the error persists, read the server's log",
  unreachable: "check the network between this machine and the server",
  closed: "create a new client; this one is closed",
};

/** The server cannot be reached, or the connection to it broke. */
export class ConnectionError extends LghrecError {
  override readonly name = "ConnectionError";
  readonly code = "connection";
  readonly kind: ConnectionErrorKind;

  constructor(kind: ConnectionErrorKind, message: string, options: ErrorOptions = {}) {
    const retryable = kind === "refused" || kind === "reset" || kind === "unreachable";
    super(message, { hint: CONNECTION_HINTS[kind], retryable, ...options });
    this.kind = kind;
  }

  protected override details(): Record<string, unknown> {
    return { kind: this.kind };
  }
}

/** The server accepts no calls at the moment, for example because it is stopping. */
export class UnavailableError extends LghrecError {
  override readonly name = "UnavailableError";
  readonly code = "unavailable";
  /** Time after which the server suggests another attempt, in milliseconds. */
  readonly retryAfterMs: number | undefined;

  constructor(message: string, options: ErrorOptions & { retryAfterMs?: number | undefined } = {}) {
    super(message, {
      hint: "the server is stopping or busy; try again shortly",
      retryable: true,
      ...options,
    });
    this.retryAfterMs = options.retryAfterMs;
  }

  protected override details(): Record<string, unknown> {
    return definedOnly({ retryAfterMs: this.retryAfterMs });
  }
}

/** `timeoutMs` or the server's own deadline elapsed. A run that was waited for continues. */
export class TimeoutError extends LghrecError {
  override readonly name = "TimeoutError";
  readonly code = "timeout";
  /** The limit that elapsed, in milliseconds. Undefined if it was the server's. */
  readonly timeoutMs: number | undefined;

  constructor(message: string, options: ErrorOptions & { timeoutMs?: number | undefined } = {}) {
    super(message, {
      hint: "increase timeoutMs, or check why the server is slow",
      retryable: true,
      ...options,
    });
    this.timeoutMs = options.timeoutMs;
  }

  protected override details(): Record<string, unknown> {
    return definedOnly({ timeoutMs: this.timeoutMs });
  }
}

/** The server does not accept the token, or the token does not permit the call. */
export class AuthError extends LghrecError {
  override readonly name = "AuthError";
  readonly code = "auth";

  constructor(message: string, options: ErrorOptions = {}) {
    super(message, { hint: "set token or LGHREC_TOKEN to a token that this server accepts", ...options });
  }
}

/** One wrong field of a spec or a request. */
export interface Violation {
  /** Path from the spec's root, in the spelling of the spec, for example `optimizer.learningRate`. */
  readonly path: string;
  /** What is wrong, the value that was given and the values that are expected. */
  readonly description: string;
}

/** The request is wrong. `violations` lists every wrong field. */
export class InvalidArgumentError extends LghrecError {
  override readonly name = "InvalidArgumentError";
  readonly code = "invalid_argument";
  readonly violations: readonly Violation[];

  constructor(message: string, options: ErrorOptions & { violations?: readonly Violation[] } = {}) {
    super(message, { hint: "correct the fields that the message names", ...options });
    this.violations = options.violations ?? [];
  }

  protected override details(): Record<string, unknown> {
    return { violations: this.violations };
  }
}

/** No run, artifact, data set, item or file has this id. */
export class NotFoundError extends LghrecError {
  override readonly name = "NotFoundError";
  readonly code = "not_found";

  constructor(message: string, options: ErrorOptions = {}) {
    super(message, { hint: "check the id, and check that the endpoint is the right server", ...options });
  }
}

/** The call conflicts with the state of the server: a key is used with another spec, or a run has the wrong state. */
export class ConflictError extends LghrecError {
  override readonly name = "ConflictError";
  readonly code = "conflict";

  constructor(message: string, options: ErrorOptions = {}) {
    super(message, {
      hint: "use another idempotency key for another spec; before you delete data, wait for the runs that use it or cancel them",
      ...options,
    });
  }
}

/** The disk of the server is full, or one of its limits is reached. */
export class ResourceExhaustedError extends LghrecError {
  override readonly name = "ResourceExhaustedError";
  readonly code = "resource_exhausted";
  /** Time after which the server suggests another attempt, in milliseconds. */
  readonly retryAfterMs: number | undefined;

  constructor(message: string, options: ErrorOptions & { retryAfterMs?: number | undefined } = {}) {
    super(message, { hint: "free disk space, or increase the limit on the server", ...options });
    this.retryAfterMs = options.retryAfterMs;
  }

  protected override details(): Record<string, unknown> {
    return definedOnly({ retryAfterMs: this.retryAfterMs });
  }
}

/** Server and client do not use compatible revisions of the contract. */
export class IncompatibleServerError extends LghrecError {
  override readonly name = "IncompatibleServerError";
  readonly code = "incompatible_server";

  constructor(message: string, options: ErrorOptions = {}) {
    super(message, { hint: "install the same version of the client and the server", ...options });
  }
}

/** Received bytes do not have the expected hash. */
export class IntegrityError extends LghrecError {
  override readonly name = "IntegrityError";
  readonly code = "integrity";

  constructor(message: string, options: ErrorOptions = {}) {
    super(message, {
      hint: "download again; if the error persists, the file is damaged on the server",
      ...options,
    });
  }
}

/** The server failed. Search its log for `errorId` to find the traceback. */
export class ServerError extends LghrecError {
  override readonly name = "ServerError";
  readonly code = "server";
  readonly errorId: string | undefined;

  constructor(message: string, options: ErrorOptions & { errorId?: string | undefined } = {}) {
    super(message, { hint: "search the server's log for the error id", ...options });
    this.errorId = options.errorId;
  }

  protected override details(): Record<string, unknown> {
    return definedOnly({ errorId: this.errorId });
  }
}

/** A run failed. `failure` contains the kind, the message and the traceback of the worker. */
export class RunFailedError extends LghrecError {
  override readonly name = "RunFailedError";
  readonly code = "run_failed";
  readonly outcome: { readonly state: "failed"; readonly failure: RunFailure };
  readonly failure: RunFailure;

  constructor(runId: string, failure: RunFailure) {
    super(`run ${runId} failed (${failure.kind}): ${failure.message}`, {
      runId,
      hint: failure.hint ?? "read failure.pythonTraceback",
    });
    this.outcome = { state: "failed", failure };
    this.failure = failure;
  }

  protected override details(): Record<string, unknown> {
    return { outcome: this.outcome };
  }
}

/** A run that was waited for was cancelled. */
export class RunCancelledError extends LghrecError {
  override readonly name = "RunCancelledError";
  readonly code = "run_cancelled";
  readonly outcome = { state: "cancelled" } as const;

  constructor(runId: string) {
    super(`run ${runId} was cancelled`, {
      runId,
      hint: "start the run again with rerun: 'failed' or with a new idempotency key",
    });
  }

  protected override details(): Record<string, unknown> {
    return { outcome: this.outcome };
  }
}

/** A metric that does not meet its requirement. */
export interface GateFailure {
  /** The requirement as written, for example `recall@20>=0.05`. */
  readonly gate: string;
  /** Absent if the run has no metric of this name. */
  readonly actual?: number;
}

/** A run succeeded, but its metrics do not meet the requirements. */
export class GateFailedError extends LghrecError {
  override readonly name = "GateFailedError";
  readonly code = "gate_failed";
  readonly failures: readonly GateFailure[];

  constructor(failures: readonly GateFailure[], options: ErrorOptions = {}) {
    const shown = failures.map(({ gate, actual }) => `${gate}, got ${actual ?? "no such metric"}`);
    super(`requirements are not met: ${shown.join("; ")}`, {
      hint: "lower the requirement, or improve the model",
      ...options,
    });
    this.failures = failures;
  }

  protected override details(): Record<string, unknown> {
    return { failures: this.failures };
  }
}
