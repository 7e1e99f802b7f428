/** The handle of a run as users see it; `runs/runs.ts` makes them. */

import type { ArtifactInput } from "../specs/common.js";
import type { ArtifactInfo, DownloadOptions } from "./artifacts.js";
import type { CallOptions } from "./options.js";
import type { RunEvent, RunEventType, RunInfo, RunKind, RunOutcome, RunResult, RunState } from "./run.js";

export interface EventOptions {
  /** The events after this number; `start` replays all, `now` none. `start`. */
  after?: number | "start" | "now" | undefined;
  /** Only events of these types. */
  types?: readonly RunEventType[] | undefined;
  /** Ends the watching; `next()` then rejects with `signal.reason`. */
  signal?: AbortSignal | undefined;
  /** Limit of the whole watching, in milliseconds; none. Raises `TimeoutError`; the run goes on. */
  timeoutMs?: number | undefined;
}

/** Ends after the `finished` event. `break` stops the watching at the server too, never the run. */
export interface EventStream<K extends RunKind = RunKind> extends AsyncIterableIterator<RunEvent<K>> {
  /** Number of the newest event seen, also of one that `types` left out. */
  readonly lastSequence: number;
  [Symbol.asyncDispose](): Promise<void>;
}

/** `signal` and `timeoutMs` end the waiting, never the run. There is no limit unless one is given. */
export interface WaitOptions<K extends RunKind = RunKind> extends CallOptions {
  /** Gets every event of the run from its first; without it, past events are not even fetched. */
  onEvent?: ((event: RunEvent<K>) => void) | undefined;
}

export interface CancelOptions extends CallOptions {
  /** `graceful` stops at the next step, `now` kills the worker; `graceful`. */
  mode?: "graceful" | "now" | undefined;
  /** Free text, kept in the run's log. */
  reason?: string | undefined;
}

/**
 * A run on the server. Leaving a loop or a wait never ends it: only `cancel()` does. `R` is what it makes, where
 * that is known better than by its kind.
 *
 * @example
 * const run = await client.train(spec);
 * for await (const event of run.events()) console.log(event.type);
 * const { model } = await run.wait();
 */
export interface Run<K extends RunKind = RunKind, R extends RunResult<K> = RunResult<K>> {
  readonly id: string;
  /** Undefined until the server has said it, for a run attached to without a kind. */
  readonly kind: K | undefined;
  /** True if the idempotency key had started this run before. */
  readonly deduplicated: boolean;
  /** Raises `RunFailedError`, `RunCancelledError`, or `TimeoutError` while the run goes on. */
  wait(options?: WaitOptions<K>): Promise<R>;
  /** As `wait`, but a failed or cancelled run is an answer, not an error. */
  settled(options?: WaitOptions<K>): Promise<RunOutcome<K, R>>;
  /** Replays what happened, then follows the run to its end, over broken connections. */
  events(options?: EventOptions): EventStream<K>;
  info(options?: CallOptions): Promise<RunInfo<K>>;
  /** Asks the run to stop; a run that has ended is returned as it is. */
  cancel(options?: CancelOptions): Promise<RunInfo<K>>;
  /** Writes the files of an artifact under the folder `dest`; see `client.artifacts.download`. */
  download(artifact: ArtifactInput, dest: string, options?: DownloadOptions): Promise<ArtifactInfo>;
}

/** A submit on its way: await it for the handle, or go on with the run at once. */
export interface RunPromise<K extends RunKind = RunKind, R extends RunResult<K> = RunResult<K>>
  extends Promise<Run<K, R>> {
  /** As `(await this).wait(options)`. */
  wait(options?: WaitOptions<K>): Promise<R>;
  /** As `(await this).settled(options)`. */
  settled(options?: WaitOptions<K>): Promise<RunOutcome<K, R>>;
  /** As `(await this).events(options)`, without the await. */
  events(options?: EventOptions): EventStream<K>;
}

/** Everything left out means all. */
export interface RunFilter {
  kinds?: readonly RunKind[] | undefined;
  states?: readonly RunState[] | undefined;
  /** Only runs that carry all of these. */
  labels?: Readonly<Record<string, string>> | undefined;
}
