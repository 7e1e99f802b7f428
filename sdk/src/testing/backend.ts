/**
 * A server of the contract that does no work: it keeps runs and artifacts in memory and plays scripts. `memory.ts`
 * and `wire.ts` put it behind a transport.
 */

import type { DescMethod, DescService, Message } from "@bufbuild/protobuf";
import { create } from "@bufbuild/protobuf";
import {
  ArtifactService,
  type DownloadArtifactRequest,
  type GetArtifactRequest,
  type ListArtifactsRequest,
} from "../gen/lghrec/v1/artifact_pb.js";
import { EvaluateService } from "../gen/lghrec/v1/evaluate_pb.js";
import { ExportService } from "../gen/lghrec/v1/export_pb.js";
import { PreprocessService } from "../gen/lghrec/v1/preprocess_pb.js";
import {
  type CancelRunRequest,
  type ListRunsRequest,
  RunService,
  type WatchRunRequest,
} from "../gen/lghrec/v1/run_pb.js";
import { SystemService } from "../gen/lghrec/v1/system_pb.js";
import { TrainService } from "../gen/lghrec/v1/train_pb.js";
import { FakeArtifacts } from "./artifacts.js";
import type { FakeCall, FakeOptions, Fault } from "./fake.js";
import { Faults } from "./faults.js";
import { FakeRuns, type StartRequest } from "./runs.js";
import { play } from "./script.js";

export const SERVICES: readonly DescService[] = [
  PreprocessService,
  TrainService,
  EvaluateService,
  ExportService,
  RunService,
  ArtifactService,
  SystemService,
];

export interface Incoming {
  readonly headers: ReadonlyMap<string, string>;
  readonly signal: AbortSignal;
}

export class FakeBackend {
  readonly calls: FakeCall[] = [];
  readonly artifacts = new FakeArtifacts();
  readonly runs: FakeRuns;
  readonly faults: Faults;
  readonly #options: FakeOptions;

  constructor(options: FakeOptions, drop: () => void) {
    this.#options = options;
    this.runs = new FakeRuns(options.heartbeatMs ?? 15_000);
    this.faults = new Faults(drop);
  }

  async unary(method: DescMethod, request: Message, incoming: Incoming): Promise<Message> {
    this.#log(method, request, incoming);
    const fault = this.faults.take(method.name);
    if (fault !== undefined && !fault.afterEffect) await this.faults.strike(fault, incoming.signal);
    const response = create(method.output, this.#answer(method.name, request) as never);
    if (fault?.afterEffect) await this.faults.strike(fault, incoming.signal);
    return response;
  }

  async *stream(method: DescMethod, request: Message, incoming: Incoming): AsyncGenerator<Message> {
    const call = this.#log(method, request, incoming);
    const onAbort = () => Object.assign(call, { cancelled: true, cancelledAt: performance.now() });
    incoming.signal.addEventListener("abort", onAbort);
    try {
      yield* this.#faulty(
        this.faults.take(method.name),
        this.#messages(method.name, request, incoming),
        incoming,
      );
    } finally {
      incoming.signal.removeEventListener("abort", onAbort);
    }
  }

  async *#faulty(
    fault: Fault | undefined,
    messages: AsyncIterable<Message> | Iterable<Message>,
    { signal }: Incoming,
  ): AsyncGenerator<Message> {
    let left = fault?.afterMessages ?? 0;
    if (fault !== undefined && left === 0) await this.faults.strike(fault, signal);
    for await (const message of messages) {
      signal.throwIfAborted();
      yield message;
      left--;
      if (fault !== undefined && left === 0) await this.faults.strike(fault, signal);
    }
  }

  #messages(
    name: string,
    request: unknown,
    { signal }: Incoming,
  ): AsyncIterable<Message> | Iterable<Message> {
    if (name === "WatchRun") return this.runs.watch(request as WatchRunRequest, signal);
    return this.artifacts.chunks(request as DownloadArtifactRequest);
  }

  #answer(name: string, request: unknown): unknown {
    switch (name) {
      case "StartPreprocess":
        return this.#start("preprocess", request as StartRequest);
      case "StartTrain":
        return this.#start("train", request as StartRequest);
      case "StartEvaluate":
        return this.#start("evaluate", request as StartRequest);
      case "StartExport":
        return this.#start("export", request as StartRequest);
      case "GetRun":
        return { run: this.runs.get((request as { runId: string }).runId).message };
      case "ListRuns":
        return this.runs.page(request as ListRunsRequest);
      case "CancelRun":
        return this.#cancel(request as CancelRunRequest);
      case "DeleteRun":
        return this.runs.delete((request as { runId: string }).runId) ?? {};
      case "GetArtifact":
        return { artifact: this.artifacts.get((request as GetArtifactRequest).artifactId) };
      case "ListArtifacts":
        return { artifacts: this.artifacts.list((request as ListArtifactsRequest).kind) };
      default:
        return { info: this.#info() };
    }
  }

  #start(kind: "preprocess" | "train" | "evaluate" | "export", request: StartRequest): unknown {
    if (request.validateOnly) return { run: this.runs.describe(kind, request).message };
    const { run, created } = this.runs.start(kind, request);
    if (created) play(run, kind, this.artifacts, this.#options.script);
    return { run: run.message, deduplicated: !created };
  }

  #cancel({ runId, reason }: CancelRunRequest): unknown {
    const run = this.runs.get(runId);
    if (!run.ended) {
      run.state("stopping");
      if (reason) run.emit({ type: "log", level: "info", line: `cancelled: ${reason}` });
      run.finish({ state: "cancelled" });
    }
    return { run: run.message };
  }

  #info(): unknown {
    return {
      version: "0.0.0-fake",
      apiRevision: this.#options.apiRevision ?? 1,
      instanceId: "fake",
      maxConcurrentRuns: 1,
      devices: ["cpu"],
      capabilities: { builtinDatasets: ["movielens-100k"], backbones: ["lightccf"], policies: ["native"] },
    };
  }

  #log(method: DescMethod, request: unknown, { headers }: Incoming): FakeCall {
    const requestId = (request as { requestId?: string }).requestId || (headers.get("x-request-id") ?? "");
    const call: FakeCall = { method: method.name, requestId, headers, cancelled: false };
    this.calls.push(call);
    return call;
  }
}
