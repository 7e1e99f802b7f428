/** Why a run failed, as its worker or the server said it. */

/** Why a run failed: out of memory, a loss that is not finite, unusable data, a full disk, ... */
export type FailureKind =
  | "oom"
  | "nan"
  | "data"
  | "disk"
  | "llm"
  | "worker_lost"
  | "deadline"
  | "user"
  | "internal";

export interface RunFailure {
  readonly kind: FailureKind;
  readonly message: string;
  /** The worker's own Python traceback; empty when there is none. */
  readonly pythonTraceback: string;
  /** Name of the newest checkpoint of the run. */
  readonly lastCheckpoint?: string;
  /** What to do about it. */
  readonly hint?: string;
}
