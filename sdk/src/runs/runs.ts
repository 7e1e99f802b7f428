/** The handle of a run and the calls that every run has. */

import type { ArtifactInfo, DownloadOptions } from "../api/artifacts.js";
import type { ArtifactsApi, RunsApi } from "../api/client.js";
import type { CallOptions } from "../api/options.js";
import type { RunInfo, RunKind, RunOutcome, RunResult } from "../api/run.js";
import type {
  CancelOptions,
  EventOptions,
  EventStream,
  Run,
  RunFilter,
  RunPromise,
  WaitOptions,
} from "../api/run-handle.js";
import { enumNames } from "../convert/enum-names.js";
import { toRunInfo } from "../convert/run.js";
import {
  IncompatibleServerError,
  InvalidArgumentError,
  RunCancelledError,
  RunFailedError,
  TimeoutError,
} from "../errors.js";
import {
  CancelMode,
  RunKindSchema,
  type Run as RunMessage,
  RunService,
  RunStateSchema,
} from "../gen/lghrec/v1/run_pb.js";
import type { Rpc } from "../rpc/rpc.js";
import type { ArtifactInput } from "../specs/common.js";
import { openEventStream, type Watched } from "./event-stream.js";
import type { Submitted } from "./submit.js";

const PAGE_SIZE = 200;

export function createRunsApi(rpc: Rpc, artifacts: ArtifactsApi): RunsApi {
  return {
    attach: <K extends RunKind = RunKind>(id: string, kind?: K): Run<K> =>
      new RunHandle<K>(rpc, artifacts, { id, kind, deduplicated: false }),
    get: (id, options) => getRun(rpc, id, options),
    list: (filter, options) => listRuns(rpc, filter, options),
    cancel: (id, options) => cancelRun(rpc, id, options),
    async delete(id, options) {
      await rpc.unary(RunService.method.deleteRun, { runId: id }, { ...options, run: { runId: id } });
    },
  };
}

/** `submitted` may still be on its way. */
export function runPromise<K extends RunKind, R extends RunResult<K> = RunResult<K>>(
  rpc: Rpc,
  artifacts: ArtifactsApi,
  kind: K,
  submitted: Promise<Submitted>,
): RunPromise<K, R> {
  const run = submitted.then((answer) => new RunHandle<K, R>(rpc, artifacts, { ...answer, kind }));
  return SubmittedRun.of<K, R>(rpc, run);
}

class RunHandle<K extends RunKind, R extends RunResult<K> = RunResult<K>> implements Run<K, R> {
  readonly id: string;
  readonly deduplicated: boolean;
  readonly #rpc: Rpc;
  readonly #artifacts: ArtifactsApi;
  #kind: K | undefined;

  constructor(rpc: Rpc, artifacts: ArtifactsApi, known: Submitted & { kind: K | undefined }) {
    this.id = known.id;
    this.deduplicated = known.deduplicated;
    this.#kind = known.kind;
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
      const info = await this.#get({ ...call, timeoutMs: this.#left(deadline, call) });
      const outcome = outcomeOf<K, R>(info);
      if (outcome !== undefined) return outcome;
      after = info.headSeq;
    }
    const { signal } = call;
    const timeoutMs = deadline === Infinity ? undefined : this.#left(deadline, call);
    for await (const event of this.events({ after, signal, timeoutMs })) {
      onEvent?.(event);
      if (event.type === "finished") return event.outcome as RunOutcome<K, R>;
    }
    // The stream only ends without that event when the run was over before it began.
    const outcome = outcomeOf<K, R>(await this.#get(call));
    if (outcome === undefined)
      throw new IncompatibleServerError(`run ${this.id} ended, but goes on by its record`);
    return outcome;
  }

  events(options?: EventOptions): EventStream<K> {
    return openEventStream<K>(this.#rpc, async () => this.watched(), options);
  }

  async info(options?: CallOptions): Promise<RunInfo<K>> {
    return (await this.#get(options)) as RunInfo<K>;
  }

  async cancel(options?: CancelOptions): Promise<RunInfo<K>> {
    return this.#learn(await cancelRun(this.#rpc, this.id, options)) as RunInfo<K>;
  }

  download(artifact: ArtifactInput, dest: string, options?: DownloadOptions): Promise<ArtifactInfo> {
    return this.#artifacts.download(artifact, dest, options);
  }

  /** Not for users: what a stream of this run's events needs. */
  watched(): Watched {
    return { id: this.id, run: runFacts(this.id), info: (options) => this.#get(options) };
  }

  async #get(options?: CallOptions): Promise<RunInfo> {
    return this.#learn(await getRun(this.#rpc, this.id, options));
  }

  #learn(info: RunInfo): RunInfo {
    if (this.#kind !== undefined && this.#kind !== info.kind) {
      const message = `run ${this.id} was attached to as ${this.#kind}, got ${info.kind}`;
      throw new InvalidArgumentError(message, {
        runId: this.id,
        hint: "attach without a kind, or with the right one",
      });
    }
    this.#kind = info.kind as K;
    return info;
  }

  #left(deadline: number, { timeoutMs }: CallOptions): number | undefined {
    if (timeoutMs === undefined) return undefined;
    const left = deadline - Date.now();
    if (left > 0) return left;
    throw new TimeoutError(`run ${this.id} goes on after ${timeoutMs} ms`, {
      timeoutMs,
      ...runFacts(this.id),
    });
  }
}

/** A promise of a handle that also has the handle's verbs. */
class SubmittedRun<K extends RunKind, R extends RunResult<K>>
  extends Promise<Run<K, R>>
  implements RunPromise<K, R>
{
  #rpc: Rpc | undefined;
  #run: Promise<RunHandle<K, R>> | undefined;

  /** `then` makes plain promises: they are no handles any more. */
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
    if (rpc === undefined || run === undefined) throw new TypeError("a run promise is only made by a submit");
    this.catch(() => {}); // the stream reports a failed submit
    return openEventStream<K>(rpc, async () => (await run).watched(), options);
  }
}

async function getRun(rpc: Rpc, id: string, options?: CallOptions): Promise<RunInfo> {
  const call = { ...options, run: runFacts(id) };
  return toRunInfo(required((await rpc.unary(RunService.method.getRun, { runId: id }, call)).run));
}

async function cancelRun(rpc: Rpc, id: string, options: CancelOptions = {}): Promise<RunInfo> {
  const { mode, reason, ...call } = options;
  const request = {
    runId: id,
    mode: mode === "now" ? CancelMode.NOW : CancelMode.GRACEFUL,
    ...(reason !== undefined && { reason }),
  };
  const response = await rpc.unary(RunService.method.cancelRun, request, { ...call, run: runFacts(id) });
  return toRunInfo(required(response.run));
}

async function* listRuns(
  rpc: Rpc,
  filter: RunFilter = {},
  options?: CallOptions,
): AsyncGenerator<RunInfo, void, void> {
  const wanted = {
    pageSize: PAGE_SIZE,
    kinds: numbers(RunKindSchema, filter.kinds),
    states: numbers(RunStateSchema, filter.states),
    labels: { ...filter.labels },
  };
  let pageToken = "";
  do {
    const page = await rpc.unary(RunService.method.listRuns, { ...wanted, pageToken }, options);
    for (const run of page.runs) yield toRunInfo(run);
    pageToken = page.nextPageToken;
  } while (pageToken !== "");
}

function numbers(desc: Parameters<typeof enumNames>[0], names: readonly string[] = []): number[] {
  const known = enumNames(desc);
  return names.map((name) => {
    const number = known.get(name);
    if (number !== undefined) return number;
    const expected = `expected one of ${[...known.keys()].join(", ")}`;
    throw new InvalidArgumentError(`no ${desc.name} of this name, got ${JSON.stringify(name)}, ${expected}`);
  });
}

function runFacts(runId: string): Watched["run"] {
  return { runId, attachHint: `the run goes on: client.runs.attach("${runId}"), or lghrec attach ${runId}` };
}

function required(run: RunMessage | undefined): RunMessage {
  if (run === undefined) throw new IncompatibleServerError("the server's answer lacks the run");
  return run;
}

function outcomeOf<K extends RunKind, R extends RunResult<K>>({
  state,
  result,
  failure,
}: RunInfo): RunOutcome<K, R> | undefined {
  // What a run makes follows from how it was submitted.
  if (result !== undefined && state === "succeeded") return { state, result: result as R };
  if (failure !== undefined && state === "failed") return { state, failure };
  return state === "cancelled" ? { state } : undefined;
}
