/** Base class of all errors of this package. */

const BRAND = Symbol.for("lghrec.error");

/** Stable names for programs to branch on. Each belongs to one class. */
export type LghrecErrorCode =
  | "config"
  | "connection"
  | "unavailable"
  | "timeout"
  | "auth"
  | "invalid_argument"
  | "not_found"
  | "conflict"
  | "resource_exhausted"
  | "incompatible_server"
  | "integrity"
  | "server"
  | "run_failed"
  | "run_cancelled"
  | "gate_failed";

/** Properties that every {@link LghrecError} can have. */
export interface ErrorOptions {
  cause?: unknown;
  /** Machine-readable reason from the server, for example `RUN_UNKNOWN`. */
  reason?: string | undefined;
  /** How to correct the cause, in one line. */
  hint?: string | undefined;
  /** True if the same call may succeed later. The default is false. */
  retryable?: boolean | undefined;
  /** Number of attempts before the error was raised. The default is 0. */
  attempts?: number | undefined;
  /** Id of the call in the server's log. For a call that starts a run, its idempotency key. */
  requestId?: string | undefined;
  /** Id of the run that the call is about. */
  runId?: string | undefined;
  /** How to attach to the run, which continues. */
  attachHint?: string | undefined;
}

/**
 * Base class of all errors that this package raises. The only exception is the reason of an `AbortSignal`, which a call
 * rejects with unchanged.
 */
export abstract class LghrecError extends Error {
  abstract override readonly name: string;
  abstract readonly code: LghrecErrorCode;
  readonly reason: string | undefined;
  readonly hint: string | undefined;
  readonly retryable: boolean;
  readonly attempts: number;
  readonly requestId: string | undefined;
  readonly runId: string | undefined;
  readonly attachHint: string | undefined;

  constructor(message: string, options: ErrorOptions = {}) {
    super(message, "cause" in options ? { cause: options.cause } : undefined);
    Object.defineProperty(this, BRAND, { value: true });
    this.reason = options.reason;
    this.hint = options.hint;
    this.retryable = options.retryable ?? false;
    this.attempts = options.attempts ?? 0;
    this.requestId = options.requestId;
    this.runId = options.runId;
    this.attachHint = options.attachHint;
  }

  /**
   * Returns true for an error of this package, also if another copy of the package created it.
   *
   * @param code If given, only errors with this code.
   */
  static is(value: unknown, code?: LghrecErrorCode): value is LghrecError {
    if (typeof value !== "object" || value === null || !(BRAND in value)) return false;
    return code === undefined || (value as { code?: unknown }).code === code;
  }

  /** Returns plain data for logs, without stack and cause. */
  toJSON(): Record<string, unknown> {
    const { name, code, message } = this;
    return { name, code, message, ...definedOnly(this.#common()), ...this.details() };
  }

  /** Returns the fields that a subclass adds to `toJSON`. */
  protected details(): Record<string, unknown> {
    return {};
  }

  #common(): Record<string, unknown> {
    const { reason, hint, retryable, attempts, requestId, runId, attachHint } = this;
    return { reason, hint, retryable, attempts, requestId, runId, attachHint };
  }
}

/** Returns the record without the keys whose value is undefined. */
export function definedOnly(record: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));
}
