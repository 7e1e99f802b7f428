/**
 * Every error of this package. To add one: subclass where a caller would branch, give it a literal `name`, a
 * stable `code` and a one-line `hint`. The way from the wire to these classes is `rpc/wire-errors.ts`.
 */

import type { RunFailure } from "./api/run.js";
import { definedOnly, type ErrorOptions, LghrecError } from "./error-base.js";

export { type ErrorOptions, LghrecError, type LghrecErrorCode } from "./error-base.js";

/** An option, an environment variable or the local set-up is wrong. */
export class ConfigError extends LghrecError {
  override readonly name = "ConfigError";
  readonly code = "config";
  /** What a command line exits with: 2 settings, 9 port in use, 10 data directory, 11 Python. */
  readonly exitCode: number;

  constructor(message: string, options: ErrorOptions & { exitCode?: number } = {}) {
    super(message, options);
    this.exitCode = options.exitCode ?? 2;
  }

  protected override details(): Record<string, unknown> {
    return { exitCode: this.exitCode };
  }
}

/** `closed` means that `client.close()` was called. */
export type ConnectionErrorKind = "refused" | "dns" | "tls" | "protocol" | "reset" | "unreachable" | "closed";

const CONNECTION_HINTS: Record<ConnectionErrorKind, string> = {
  refused: "start a server with `lghrec serve`, or correct the endpoint",
  dns: "correct the host name in the endpoint, or check the name server",
  tls: "set tls.ca to the authority that signed the server's certificate, and tls.serverName if names differ",
  protocol: "check that the port belongs to an LGHRec server and that http:// or https:// fits it",
  reset: "the connection broke; try again, and look at the server's log if it stays so",
  unreachable: "check the network between this machine and the server",
  closed: "make a new client; this one is closed",
};

/** The server was not reached, or the connection to it broke. */
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

/** The server answered that it takes no calls now, for example while it stops. */
export class UnavailableError extends LghrecError {
  override readonly name = "UnavailableError";
  readonly code = "unavailable";
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

/** `timeoutMs` or the server's own deadline ran out. A run that was waited for goes on. */
export class TimeoutError extends LghrecError {
  override readonly name = "TimeoutError";
  readonly code = "timeout";
  /** The limit that ran out, in milliseconds, when it was the client's. */
  readonly timeoutMs: number | undefined;

  constructor(message: string, options: ErrorOptions & { timeoutMs?: number | undefined } = {}) {
    super(message, { hint: "raise timeoutMs, or look why the server is slow", retryable: true, ...options });
    this.timeoutMs = options.timeoutMs;
  }

  protected override details(): Record<string, unknown> {
    return definedOnly({ timeoutMs: this.timeoutMs });
  }
}

/** The server does not know the caller, or does not let it do this. */
export class AuthError extends LghrecError {
  override readonly name = "AuthError";
  readonly code = "auth";

  constructor(message: string, options: ErrorOptions = {}) {
    super(message, { hint: "set token or LGHREC_TOKEN to a token this server accepts", ...options });
  }
}

/** One wrong field. */
export interface Violation {
  /** Path from the spec's root, in the spelling of the spec, for example `optimizer.learningRate`. */
  readonly path: string;
  /** What is wrong, what was got and what was expected. */
  readonly description: string;
}

/** The request is wrong; `violations` lists every wrong field at once. */
export class InvalidArgumentError extends LghrecError {
  override readonly name = "InvalidArgumentError";
  readonly code = "invalid_argument";
  readonly violations: readonly Violation[];

  constructor(message: string, options: ErrorOptions & { violations?: readonly Violation[] } = {}) {
    super(message, { hint: "correct the fields named", ...options });
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
    super(message, { hint: "check the id, and that the endpoint is the server that has it", ...options });
  }
}

/** The call contradicts what the server has: a reused key with another spec, or a state that forbids it. */
export class ConflictError extends LghrecError {
  override readonly name = "ConflictError";
  readonly code = "conflict";

  constructor(message: string, options: ErrorOptions = {}) {
    super(message, {
      hint: "use another idempotency key for another spec; wait for or cancel a run before deleting what it needs",
      ...options,
    });
  }
}

/** The server has no room: its disk is full or a limit is reached. */
export class ResourceExhaustedError extends LghrecError {
  override readonly name = "ResourceExhaustedError";
  readonly code = "resource_exhausted";
  readonly retryAfterMs: number | undefined;

  constructor(message: string, options: ErrorOptions & { retryAfterMs?: number | undefined } = {}) {
    super(message, { hint: "free disk space or raise the limit on the server", ...options });
    this.retryAfterMs = options.retryAfterMs;
  }

  protected override details(): Record<string, unknown> {
    return definedOnly({ retryAfterMs: this.retryAfterMs });
  }
}

/** Server and client do not speak the same revision of the contract. */
export class IncompatibleServerError extends LghrecError {
  override readonly name = "IncompatibleServerError";
  readonly code = "incompatible_server";

  constructor(message: string, options: ErrorOptions = {}) {
    super(message, { hint: "install the same version of client and server", ...options });
  }
}

/** Bytes that came do not have the hash they must have. */
export class IntegrityError extends LghrecError {
  override readonly name = "IntegrityError";
  readonly code = "integrity";

  constructor(message: string, options: ErrorOptions = {}) {
    super(message, { hint: "download again; if it stays so, the file is damaged on the server", ...options });
  }
}

/** The server failed; `errorId` finds the traceback in its log. */
export class ServerError extends LghrecError {
  override readonly name = "ServerError";
  readonly code = "server";
  readonly errorId: string | undefined;

  constructor(message: string, options: ErrorOptions & { errorId?: string | undefined } = {}) {
    super(message, { hint: "look for the error id in the server's log", ...options });
    this.errorId = options.errorId;
  }

  protected override details(): Record<string, unknown> {
    return definedOnly({ errorId: this.errorId });
  }
}

/** A run ended in failure; `failure` carries kind, message and the worker's own traceback. */
export class RunFailedError extends LghrecError {
  override readonly name = "RunFailedError";
  readonly code = "run_failed";
  readonly outcome: { readonly state: "failed"; readonly failure: RunFailure };
  readonly failure: RunFailure;

  constructor(runId: string, failure: RunFailure) {
    super(`run ${runId} failed (${failure.kind}): ${failure.message}`, {
      runId,
      hint: failure.hint ?? "see failure.pythonTraceback",
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
      hint: "submit again with rerun: 'failed' or a new idempotency key",
    });
  }

  protected override details(): Record<string, unknown> {
    return { outcome: this.outcome };
  }
}

/** A metric that does not meet what was required of it. */
export interface GateFailure {
  /** The requirement as written, for example `recall@20>=0.05`. */
  readonly gate: string;
  /** Absent when the run has no metric of this name. */
  readonly actual?: number;
}

/** A run succeeded, but not well enough. */
export class GateFailedError extends LghrecError {
  override readonly name = "GateFailedError";
  readonly code = "gate_failed";
  readonly failures: readonly GateFailure[];

  constructor(failures: readonly GateFailure[], options: ErrorOptions = {}) {
    const shown = failures.map(({ gate, actual }) => `${gate}, got ${actual ?? "no such metric"}`);
    super(`not met: ${shown.join("; ")}`, { hint: "lower the requirement or improve the model", ...options });
    this.failures = failures;
  }

  protected override details(): Record<string, unknown> {
    return { failures: this.failures };
  }
}
