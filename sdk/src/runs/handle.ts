/** Handles of runs: wait for a run, watch it, cancel it, download its artifacts. */

import type { ArtifactInfo, DownloadOptions } from "../api/artifacts.js";
import type { ArtifactsApi } from "../api/client.js";
import type { CallOptions } from "../api/options.js";
import type { RunInfo, RunKind, RunOutcome, RunResult } from "../api/run.js";
import type {
  CancelOptions,
  EventOptions,
  EventStream,
  Run,
  RunPromise,
  WaitOptions,
} from "../api/run-handle.js";
import {
  IncompatibleServerError,
  InvalidArgumentError,
  RunCancelledError,
  RunFailedError,
  TimeoutError,
} from "../errors.js";
import type { Rpc } from "../rpc/rpc.js";
import type { ArtifactInput } from "../specs/common.js";
import { cancelRun, errorFacts, getRun } from "./calls.js";
import { openEventStream, type WatchedRun } from "./event-stream.js";
import type { Submitted } from "./submit.js";

/** Returns a handle of an existing run. Sends nothing. */
export function attachRun<K extends RunKind>(
  rpc: Rpc,
  artifacts: ArtifactsApi,
  id: string,
  kind: K | undefined,
): Run<K> {
  return new RunHandle<K>(rpc, artifacts, { id, kind, deduplicated: false });
}

/** Returns the promise of a run whose start call may not have been answered yet. */
export function runPromise<K extends RunKind, R extends RunResult<K> = RunResult<K>>(
  rpc: Rpc,
  artifacts: ArtifactsApi,
  kind: K,
  submitted: Promise<Submitted>,
): RunPromise<K, R> {
  const run = submitted.then((started) => new RunHandle<K, R>(rpc, artifacts, { ...started, kind }));
  return SubmittedRun.of<K, R>(rpc, run);
}

class RunHandle<K extends RunKind, R extends RunResult<K> = RunResult<K>> implements Run<K, R> {
  readonly id: string;
  readonly deduplicated: boolean;
  readonly #rpc: Rpc;
  readonly #artifacts: ArtifactsApi;
  #kind: K | undefined;

  constructor(rpc: Rpc, artifacts: ArtifactsApi, run: Submitted & { kind: K | undefined }) {
    this.id = run.id;
    this.deduplicated = run.deduplicated;
    this.#kind = run.kind;
    this.#rpc = rpc;
    this.#artifacts = artifacts;
  }

  get kind(): K | undefined {
    return this.#kind;
  }

  async wait(options?: WaitOptions<K>): Promise<R> {
    const outcome = await this.settled(options);
    if (outcome.state === "succeeded") return outcome.result;
    throw outcome.state === "failed"
      ? new RunFailedError(this.id, outcome.failure)
      : new RunCancelledError(this.id);
  }

  async settled(options: WaitOptions<K> = {}): Promise<RunOutcome<K, R>> {
    const { onEvent, ...call } = options;
    const deadline = call.timeoutMs === undefined ? Infinity : Date.now() + call.timeoutMs;
    let after = 0;
    if (onEvent === undefined) {
      const info = await this.#get({ ...call, timeoutMs: this.#remaining(deadline, call) });
      const outcome = outcomeOf<K, R>(info);
      if (outcome !== undefined) return outcome;
      after = info.headSeq;
    }
    const { signal } = call;
    const timeoutMs = deadline === Infinity ? undefined : this.#remaining(deadline, call);
    for await (const event of this.events({ after, signal, timeoutMs })) {
      onEvent?.(event);
      if (event.type === "finished") return event.outcome as RunOutcome<K, R>;
    }
    // The stream ends without a `finished` event only if the run ended before the stream began.
    const outcome = outcomeOf<K, R>(await this.#get(call));
    if (outcome === undefined)
      throw new IncompatibleServerError(
        `the events of run ${this.id} have ended, but its record says that it continues`,
      );
    return outcome;
  }

  events(options?: EventOptions): EventStream<K> {
    return openEventStream<K>(this.#rpc, async () => this.watched(), options);
  }

  async info(options?: CallOptions): Promise<RunInfo<K>> {
    return (await this.#get(options)) as RunInfo<K>;
  }

  async cancel(options?: CancelOptions): Promise<RunInfo<K>> {
    return this.#checked(await cancelRun(this.#rpc, this.id, options)) as RunInfo<K>;
  }

  download(artifact: ArtifactInput, dest: string, options?: DownloadOptions): Promise<ArtifactInfo> {
    return this.#artifacts.download(artifact, dest, options);
  }

  /** What an event stream of this run requires. Not part of the public interface. */
  watched(): WatchedRun {
    return { id: this.id, run: errorFacts(this.id), info: (options) => this.#get(options) };
  }

  async #get(options?: CallOptions): Promise<RunInfo> {
    return this.#checked(await getRun(this.#rpc, this.id, options));
  }

  /** Checks the kind of the run, and stores it for a handle that has none yet. */
  #checked(info: RunInfo): RunInfo {
    if (this.#kind !== undefined && this.#kind !== info.kind) {
      const message = `run ${this.id} has another kind than the handle, expected ${this.#kind}, got ${info.kind}`;
      throw new InvalidArgumentError(message, {
        runId: this.id,
        hint: "attach without a kind, or with the correct kind",
      });
    }
    this.#kind = info.kind as K;
    return info;
  }

  #remaining(deadline: number, { timeoutMs }: CallOptions): number | undefined {
    if (timeoutMs === undefined) return undefined;
    const remaining = deadline - Date.now();
    if (remaining > 0) return remaining;
    throw new TimeoutError(`run ${this.id} continues after ${timeoutMs} ms`, {
      timeoutMs,
      ...errorFacts(this.id),
    });
  }
}

/** A promise of a handle that also has the methods of the handle. */
class SubmittedRun<K extends RunKind, R extends RunResult<K>>
  extends Promise<Run<K, R>>
  implements RunPromise<K, R>
{
  #rpc: Rpc | undefined;
  #run: Promise<RunHandle<K, R>> | undefined;

  /** `then` returns plain promises, which have no methods of a handle. */
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  static of<K extends RunKind, R extends RunResult<K>>(
    rpc: Rpc,
    run: Promise<RunHandle<K, R>>,
  ): SubmittedRun<K, R> {
    const promise = new SubmittedRun<K, R>((resolve) => resolve(run));
    promise.#rpc = rpc;
    promise.#run = run;
    return promise;
  }

  async wait(options?: WaitOptions<K>): Promise<R> {
    return (await this).wait(options);
  }

  async settled(options?: WaitOptions<K>): Promise<RunOutcome<K, R>> {
    return (await this).settled(options);
  }

  events(options?: EventOptions): EventStream<K> {
    const rpc = this.#rpc;
    const run = this.#run;
    if (rpc === undefined || run === undefined)
      throw new TypeError("only a call that starts a run creates a run promise");
    this.catch(() => {}); // the stream reports a start call that failed
    return openEventStream<K>(rpc, async () => (await run).watched(), options);
  }
}

function outcomeOf<K extends RunKind, R extends RunResult<K>>({
  state,
  result,
  failure,
}: RunInfo): RunOutcome<K, R> | undefined {
  // `R` follows from the call that started the run, which the compiler cannot see.
  if (result !== undefined && state === "succeeded") return { state, result: result as R };
  if (failure !== undefined && state === "failed") return { state, failure };
  return state === "cancelled" ? { state } : undefined;
}
