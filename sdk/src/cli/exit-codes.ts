/** Exit codes of the process, and the errors that lead to them. Scripts depend on these numbers. */

import type { ConfigError, LghrecError, LghrecErrorCode, RunFailedError, RunState } from "../index.js";

export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  gate: 3,
  cancelled: 4,
  timeout: 5,
  unreachable: 6,
  auth: 7,
  incompatible: 8,
  portInUse: 9,
  dataDirectory: 10,
  python: 11,
  SIGINT: 130,
  SIGTERM: 143,
} as const;

/** Exit codes and their meanings, in the order of the help. */
export const EXIT_MEANINGS: readonly (readonly [code: string, meaning: string])[] = [
  ["0", "success"],
  ["1", "run failed"],
  ["2", "wrong usage or spec"],
  ["3", "requirement not met"],
  ["4", "run cancelled"],
  ["5", "timeout, run continues"],
  ["6", "server unreachable"],
  ["7", "not authorised"],
  ["8", "incompatible server"],
  ["9", "port in use"],
  ["10", "data directory unusable, disk full"],
  ["11", "Python missing or too old"],
  ["130, 143", "interrupted by SIGINT, SIGTERM"],
];

const BY_CODE: Record<LghrecErrorCode, number> = {
  config: EXIT.usage, // the error itself can have another exit code
  connection: EXIT.unreachable,
  unavailable: EXIT.unreachable,
  timeout: EXIT.timeout,
  auth: EXIT.auth,
  invalid_argument: EXIT.usage,
  not_found: EXIT.usage,
  conflict: EXIT.usage,
  resource_exhausted: EXIT.dataDirectory,
  incompatible_server: EXIT.incompatible,
  integrity: EXIT.failed,
  server: EXIT.failed,
  run_failed: EXIT.failed,
  run_cancelled: EXIT.cancelled,
  gate_failed: EXIT.gate,
};

const BRAND = Symbol.for("lghrec.error");

/** Returns the exit code of an error. An unknown error is 1. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError) return EXIT.usage;
  if (isLghrecError(error, "config")) return error.exitCode;
  if (!isLghrecError(error)) return EXIT.failed;
  return BY_CODE[error.code];
}

/** Returns the exit code of a command that waited for a run, from the final state of the run. */
export function exitCodeOfState(state: RunState): number {
  if (state === "failed") return EXIT.failed;
  return state === "cancelled" ? EXIT.cancelled : EXIT.ok;
}

/** Like `LghrecError.is`, without loading the client, so that `--help` and usage errors stay fast. */
export function isLghrecError(error: unknown, code: "config"): error is ConfigError;
export function isLghrecError(error: unknown, code: "run_failed"): error is RunFailedError;
export function isLghrecError(error: unknown, code?: LghrecErrorCode): error is LghrecError;
export function isLghrecError(error: unknown, code?: LghrecErrorCode): boolean {
  if (typeof error !== "object" || error === null || !(BRAND in error)) return false;
  return code === undefined || (error as { code?: unknown }).code === code;
}

/** A mistake in the arguments or in a spec file, which was found before anything was sent. */
export class UsageError extends Error {
  override readonly name = "UsageError";
  readonly code = "usage";
  readonly hint: string | undefined;
  readonly violations: readonly LocatedViolation[];

  constructor(message: string, options: { hint?: string; violations?: readonly LocatedViolation[] } = {}) {
    super(message);
    this.hint = options.hint;
    this.violations = options.violations ?? [];
  }

  toJSON(): Record<string, unknown> {
    const { name, code, message, hint, violations } = this;
    return { name, code, message, hint, violations };
  }
}

/** One wrong field of a spec, with its position in the spec file. */
export interface LocatedViolation {
  readonly path: string;
  readonly description: string;
  readonly file?: string | undefined;
  /** Counted from 1. */
  readonly line?: number | undefined;
}
