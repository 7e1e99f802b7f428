/** Runs of a fake server: at most one for each request id, each with a log of events without gaps. */

import { EventEmitter, once } from "node:events";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { RunKind, RunOutcome, RunState } from "../api/run.js";
import { enumNames } from "../convert/enum-names.js";
import type { RunEvent } from "../gen/lghrec/v1/run_event_pb.js";
import {
  type ListRunsRequest,
  type Run,
  RunKindSchema,
  RunSchema,
  type WatchRunRequest,
  type WatchRunResponse,
  WatchRunResponseSchema,
} from "../gen/lghrec/v1/run_pb.js";
import { Rerun } from "../gen/lghrec/v1/submit_pb.js";
import type { StartTrainRequest } from "../gen/lghrec/v1/train_pb.js";
import { sha256 } from "./artifacts.js";
import type { SentEvent } from "./fake.js";
import { stateCode, toEventMessage } from "./messages.js";
import { statusError } from "./status.js";

/** Start requests differ only in their spec. This type represents all of them. */
export type StartRequest = Omit<StartTrainRequest, "$typeName">;

/** One run: its record, its events, and an emitter that signals each new event. */
export class FakeRun {
  readonly message: Run;
  readonly events: RunEvent[] = [];
  readonly added = new EventEmitter().setMaxListeners(0);

  constructor(init: MessageInitShape<typeof RunSchema>) {
    this.message = create(RunSchema, { ...init, createTime: timestampFromDate(new Date()) });
    const { case: kind, value: spec } = this.message.resolvedSpec;
    if (kind === "train") this.message.variant = spec.variant;
  }

  get id(): string {
    return this.message.id;
  }

  get ended(): boolean {
    return this.events.at(-1)?.body.case === "finished";
  }

  emit(event: SentEvent): void {
    if (this.ended) throw new TypeError(`run ${this.id} has ended; no event can follow`);
    const message = toEventMessage(Number(this.message.headSeq) + 1, event);
    this.events.push(message);
    this.message.headSeq = message.seq;
    if (event.type === "state") this.message.state = stateCode(event.state);
    if (message.body.case === "progress") this.message.progress = message.body.value;
    if (message.body.case === "finished") this.#end(message.body.value);
    this.added.emit("event");
  }

  lose(from: number, to: number): void {
    const kept = this.events.filter(({ seq }) => seq < from || seq > to);
    this.events.splice(0, this.events.length, ...kept);
  }

  state(state: RunState): void {
    this.emit({ type: "state", state });
  }

  finish(outcome: RunOutcome): void {
    this.emit({ type: "finished", outcome });
  }

  #end({ state, result, failure }: Pick<Run, "state" | "result" | "failure">): void {
    Object.assign(this.message, { state, result, failure, endTime: timestampFromDate(new Date()) });
  }
}

export class FakeRuns {
  readonly #byId = new Map<string, FakeRun>();
  readonly #byRequest = new Map<string, { run: FakeRun; fingerprint: string }>();
  readonly #heartbeatMs: number;
  /** Number of runs so far, deleted runs included, so that each id is used once. */
  #count = 0;

  constructor(heartbeatMs: number) {
    this.#heartbeatMs = heartbeatMs;
  }

  get ids(): string[] {
    return [...this.#byId.keys()];
  }

  /** Starts a run. `created` is false if the request id has already started it. */
  start(kind: RunKind, request: StartRequest): { run: FakeRun; created: boolean } {
    const fingerprint = digest(kind, request);
    const before = this.#byRequest.get(request.requestId);
    if (before !== undefined && before.fingerprint !== fingerprint) {
      const message = `request id ${request.requestId} was used with another payload before`;
      throw statusError({ status: "already_exists", reason: "REQUEST_ID_REUSED", message });
    }
    const kept = before !== undefined && this.#byId.has(before.run.id);
    if (before !== undefined && !(request.rerun === Rerun.FAILED && (!kept || isFailed(before.run)))) {
      return { run: this.get(before.run.id), created: false };
    }
    const run = this.describe(kind, request, `run-${++this.#count}`);
    this.#byId.set(run.id, run);
    this.#byRequest.set(request.requestId, { run, fingerprint });
    return { run, created: true };
  }

  /** Creates a run without storing it: the answer to `validate_only`. */
  describe(kind: RunKind, request: StartRequest, id = ""): FakeRun {
    return new FakeRun({
      id,
      kind: enumNames(RunKindSchema).get(kind) ?? 0,
      state: id ? stateCode("queued") : 0,
      labels: request.labels,
      // The spec has the kind of the request, which the compiler cannot see.
      resolvedSpec: { case: kind, value: request.spec } as never,
      specDigest: digest(kind, request),
    });
  }

  get(id: string): FakeRun {
    const run = this.#byId.get(id);
    if (run !== undefined) return run;
    throw statusError({ status: "not_found", reason: "RUN_UNKNOWN", message: `no run ${id}` });
  }

  delete(id: string): void {
    if (!this.get(id).ended) {
      throw statusError({
        status: "failed_precondition",
        reason: "ILLEGAL_TRANSITION",
        message: `run ${id} has not ended`,
      });
    }
    this.#byId.delete(id);
  }

  /** Returns one page, newest first. The token is the number of runs before the page. */
  page({ kinds, states, labels, pageSize, pageToken }: ListRunsRequest): {
    runs: Run[];
    nextPageToken: string;
  } {
    const matching = [...this.#byId.values()]
      .map((run) => run.message)
      .filter((run) => kinds.length === 0 || kinds.includes(run.kind))
      .filter((run) => states.length === 0 || states.includes(run.state))
      .filter((run) => Object.entries(labels).every(([key, value]) => run.labels[key] === value))
      .reverse();
    const start = Number(pageToken || 0);
    const end = start + (pageSize || 50);
    return { runs: matching.slice(start, end), nextPageToken: end < matching.length ? String(end) : "" };
  }

  async *watch(request: WatchRunRequest, signal: AbortSignal): AsyncGenerator<WatchRunResponse> {
    const run = this.get(request.runId);
    const first = run.events.findIndex(({ seq }) => seq > request.afterSeq);
    let next = first === -1 ? run.events.length : first;
    for (;;) {
      const event = run.events[next];
      if (event !== undefined) {
        next++;
        yield create(WatchRunResponseSchema, { message: { case: "event", value: event } });
      } else if (run.ended) {
        return;
      } else if (!(await this.#hasNewEvent(run, signal))) {
        yield create(WatchRunResponseSchema, {
          message: { case: "heartbeat", value: { headSeq: run.message.headSeq } },
        });
      }
    }
  }

  /** Waits for a new event. Returns false if it is time for a heartbeat. Rejects if the signal aborts. */
  async #hasNewEvent(run: FakeRun, signal: AbortSignal): Promise<boolean> {
    const beat = new AbortController();
    const timer = setTimeout(() => beat.abort(), this.#heartbeatMs);
    timer.unref();
    try {
      await once(run.added, "event", { signal: AbortSignal.any([signal, beat.signal]) });
      return true;
    } catch (error) {
      if (signal.aborted || !beat.signal.aborted) throw error;
      return false;
    } finally {
      clearTimeout(timer);
    }
  }
}

function isFailed(run: FakeRun): boolean {
  return run.message.state === stateCode("failed") || run.message.state === stateCode("cancelled");
}

function digest(kind: RunKind, { spec }: StartRequest): string {
  const plain = JSON.stringify(spec, (_, value: unknown) =>
    typeof value === "bigint" ? String(value) : value,
  );
  return sha256(`${kind} ${plain}`);
}
