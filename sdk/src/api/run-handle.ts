/** Types of run handles: watch a run, wait for it, cancel it. */

import type { ArtifactInput } from "../specs/common.js";
import type { ArtifactInfo, DownloadOptions } from "./artifacts.js";
import type { CallOptions } from "./options.js";
import type { RunEvent, RunEventType, RunInfo, RunKind, RunOutcome, RunResult, RunState } from "./run.js";

/** Options of {@link Run.events}. */
export interface EventOptions {
  /**
   * Which events to receive: those after this sequence number, `start` for all, or `now` for future events only. The
   * default is `start`.
   */
  after?: number | "start" | "now" | undefined;
  /** Receive only events of these types. The default is all types. */
  types?: readonly RunEventType[] | undefined;
  /** Ends the stream. `next()` then rejects with `signal.reason`. The run continues. */
  signal?: AbortSignal | undefined;
  /**
   * Limit of the whole stream, in milliseconds. `next()` then rejects with {@link TimeoutError}, and the run continues.
   * The default is no limit.
   */
  timeoutMs?: number | undefined;
}

/**
 * The events of one run. The stream ends after the `finished` event. `break` in a loop closes the stream on the server
 * too, and never stops the run.
 */
export interface EventStream<K extends RunKind = RunKind> extends AsyncIterableIterator<RunEvent<K>> {
  /** Sequence number of the newest event received, also if `types` leaves it out. */
  readonly lastSequence: number;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Options of {@link Run.wait}. `signal` and `timeoutMs` end the waiting, not the run. The default is no limit. */
export interface WaitOptions<K extends RunKind = RunKind> extends CallOptions {
  /** Called for every event of the run, from its first event on. Without it, past events are not fetched. */
  onEvent?: ((event: RunEvent<K>) => void) | undefined;
}

/** Options of {@link Run.cancel}. */
export interface CancelOptions extends CallOptions {
  /** `graceful` stops the run after its current step, `now` kills the worker. The default is `graceful`. */
  mode?: "graceful" | "now" | undefined;
  /** Free text for the log of the run. */
  reason?: string | undefined;
}

/**
 * Handle of a run on the server. Only {@link Run.cancel} stops a run: to leave a loop or to end a wait does not.
 *
 * `K` is the kind of the run. `R` is its result, if that is known more exactly than by the kind.
 *
 * @example
 * const run = await client.train(spec);
 * for await (const event of run.events()) console.log(event.type);
 * const { model } = await run.wait();
 */
export interface Run<K extends RunKind = RunKind, R extends RunResult<K> = RunResult<K>> {
  readonly id: string;
  /** Undefined after `client.runs.attach(id)` without a kind, until the first answer of the server. */
  readonly kind: K | undefined;
  /** True if the idempotency key had already started this run. */
  readonly deduplicated: boolean;
  /**
   * Waits until the run has ended, and returns its result.
   *
   * @throws RunFailedError if the run failed.
   * @throws RunCancelledError if the run was cancelled.
   * @throws TimeoutError if `timeoutMs` elapses first. The run continues.
   */
  wait(options?: WaitOptions<K>): Promise<R>;
  /** Like {@link Run.wait}, but also returns the outcome of a failed or cancelled run instead of throwing. */
  settled(options?: WaitOptions<K>): Promise<RunOutcome<K, R>>;
  /** Replays past events, then follows the run to its end. Reconnects if the connection breaks. */
  events(options?: EventOptions): EventStream<K>;
  /** Fetches the current record of the run. */
  info(options?: CallOptions): Promise<RunInfo<K>>;
  /** Requests the run to stop. A run that has already ended stays unchanged. */
  cancel(options?: CancelOptions): Promise<RunInfo<K>>;
  /** Downloads the files of an artifact into the folder `dest`, like {@link ArtifactsApi.download}. */
  download(artifact: ArtifactInput, dest: string, options?: DownloadOptions): Promise<ArtifactInfo>;
}

/**
 * The promise that the start calls return. Await it for the {@link Run} handle, or call a method of the run at once:
 * `client.train(spec).wait()`.
 */
export interface RunPromise<K extends RunKind = RunKind, R extends RunResult<K> = RunResult<K>>
  extends Promise<Run<K, R>> {
  /** Equals `(await this).wait(options)`. */
  wait(options?: WaitOptions<K>): Promise<R>;
  /** Equals `(await this).settled(options)`. */
  settled(options?: WaitOptions<K>): Promise<RunOutcome<K, R>>;
  /** Equals `(await this).events(options)`, without the await. */
  events(options?: EventOptions): EventStream<K>;
}

/** Conditions for `client.runs.list`. A condition that is left out matches every run. */
export interface RunFilter {
  kinds?: readonly RunKind[] | undefined;
  states?: readonly RunState[] | undefined;
  /** Matches runs that have all of these labels. */
  labels?: Readonly<Record<string, string>> | undefined;
}
