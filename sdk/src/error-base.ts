/** What all errors of this package have in common. */

const BRAND = Symbol.for("lghrec.error");

/** Stable names to branch on; each belongs to one class. */
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

export interface ErrorOptions {
  cause?: unknown;
  /** The server's machine-readable reason, for example `RUN_UNKNOWN`. */
  reason?: string | undefined;
  /** One line: what to do about it. */
  hint?: string | undefined;
  /** Whether the same call may succeed later. */
  retryable?: boolean | undefined;
  /** Tries made before this error came up. */
  attempts?: number | undefined;
  /** The id that went with the call; for a submit, its idempotency key. */
  requestId?: string | undefined;
  runId?: string | undefined;
  /** How to get back to a run that goes on. */
  attachHint?: string | undefined;
}

/** The base of all errors this package raises, except a caller's own abort reason. */
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

  /** True for an error of this package, also one of another copy of it; with `code`, only for that one. */
  static is(value: unknown, code?: LghrecErrorCode): value is LghrecError {
    if (typeof value !== "object" || value === null || !(BRAND in value)) return false;
    return code === undefined || (value as { code?: unknown }).code === code;
  }

  /** Plain data for logs, without stack and cause. */
  toJSON(): Record<string, unknown> {
    const { name, code, message } = this;
    return { name, code, message, ...definedOnly(this.#common()), ...this.details() };
  }

  /** What a subclass adds to `toJSON`. */
  protected details(): Record<string, unknown> {
    return {};
  }

  #common(): Record<string, unknown> {
    const { reason, hint, retryable, attempts, requestId, runId, attachHint } = this;
    return { reason, hint, retryable, attempts, requestId, runId, attachHint };
  }
}

/** Without the keys that say nothing. */
export function definedOnly(record: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));
}
