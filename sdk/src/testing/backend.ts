/**
 * A server that implements the contract without doing any work. It keeps runs and artifacts in memory, and its runs play
 * scripts. `memory.ts` and `wire.ts` add a transport.
 */

import type { DescMethod, DescService, Message } from "@bufbuild/protobuf";
import { create } from "@bufbuild/protobuf";
import type { RunKind } from "../api/run.js";
import {
  ArtifactService,
  type DownloadArtifactRequest,
  type GetArtifactRequest,
  type ListArtifactsRequest,
} from "../gen/lghrec/v1/artifact_pb.js";
import {
  type BeginUploadRequest,
  DatasetService,
  type ListDatasetsRequest,
  type UploadFileRequest,
} from "../gen/lghrec/v1/dataset_pb.js";
import { EvaluateService } from "../gen/lghrec/v1/evaluate_pb.js";
import { ExportService } from "../gen/lghrec/v1/export_pb.js";
import { PreprocessService } from "../gen/lghrec/v1/preprocess_pb.js";
import {
  type RecommendRequest,
  RecommendService,
  type SimilarItemsRequest,
} from "../gen/lghrec/v1/recommend_pb.js";
import {
  type CancelRunRequest,
  type ListRunsRequest,
  RunService,
  type WatchRunRequest,
} from "../gen/lghrec/v1/run_pb.js";
import { type GetItemCardRequest, SemanticService } from "../gen/lghrec/v1/semantic_pb.js";
import { SystemService } from "../gen/lghrec/v1/system_pb.js";
import { TrainService } from "../gen/lghrec/v1/train_pb.js";
import { FakeArtifacts } from "./artifacts.js";
import { FakeCards, PROVIDERS } from "./cards.js";
import { FakeDatasets } from "./datasets.js";
import type { FakeCall, FakeOptions, Fault } from "./fake.js";
import { Faults } from "./faults.js";
import { FakeRecommendations } from "./recommendations.js";
import { FakeRuns, type StartRequest } from "./runs.js";
import { play, stageOf } from "./script.js";
import { statusError } from "./status.js";

export const SERVICES: readonly DescService[] = [
  PreprocessService,
  TrainService,
  EvaluateService,
  ExportService,
  RunService,
  ArtifactService,
  DatasetService,
  SemanticService,
  RecommendService,
  SystemService,
];

/** Headers and abort signal of a call. */
export interface Incoming {
  readonly headers: ReadonlyMap<string, string>;
  readonly signal: AbortSignal;
}

export class FakeBackend {
  readonly calls: FakeCall[] = [];
  readonly artifacts = new FakeArtifacts();
  readonly datasets = new FakeDatasets();
  readonly cards = new FakeCards();
  readonly recommendations = new FakeRecommendations();
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
    // The answer has the shape of `method.output`, which the switch over names hides from the compiler.
    const response = create(method.output, this.#answer(method.name, request) as never);
    if (fault?.afterEffect) await this.faults.strike(fault, incoming.signal);
    return response;
  }

  async *stream(method: DescMethod, request: Message, incoming: Incoming): AsyncGenerator<Message> {
    const call = this.#log(method, request, incoming);
    const onAbort = () => Object.assign(call, { cancelled: true });
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

  /** Handles `UploadFile`, the only call that streams from the client. */
  async clientStream(
    method: DescMethod,
    requests: AsyncIterable<Message>,
    incoming: Incoming,
  ): Promise<Message> {
    const call = this.#log(method, {}, incoming);
    const fault = this.faults.take(method.name);
    const response = await this.datasets.receive(requests as AsyncIterable<UploadFileRequest>, {
      begin: (path, offset) => Object.assign(call, { upload: { path, offset, bytes: 0 } }),
      accept: (bytes) => {
        const before = call.upload?.bytes ?? 0;
        if (call.upload) call.upload.bytes += bytes;
        return fault === undefined ? bytes : Math.min(bytes, Math.max(0, (fault.afterBytes ?? 0) - before));
      },
      cut: () => this.#cut(fault ?? {}, incoming),
    });
    if (fault !== undefined) await this.#cut(fault, incoming);
    // The method is `UploadFile`, so the response has its shape. The compiler cannot see that.
    return create(method.output, response as never);
  }

  /** Ends an upload with a fault. Bytes after the cut are lost. */
  async #cut(fault: Fault, { signal }: Incoming): Promise<never> {
    await this.faults.strike(fault, signal);
    throw statusError({ status: "unavailable", message: "cut", bare: true });
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
      case "StartCompare":
        return this.#start("compare", request as StartRequest);
      case "StartReport":
        return this.#start("report", request as StartRequest);
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
      case "GetServerInfo":
        return { info: this.#info() };
      default:
        return this.#answerData(name, request);
    }
  }

  #answerData(name: string, request: unknown): unknown {
    switch (name) {
      case "BeginUpload":
        return this.datasets.begin(request as BeginUploadRequest);
      case "ListDatasets":
        return this.datasets.page(request as ListDatasetsRequest);
      case "GetDataset":
        return { dataset: this.datasets.get((request as { datasetId: string }).datasetId) };
      case "DeleteDataset":
        return this.datasets.delete((request as { datasetId: string }).datasetId) ?? {};
      case "GetItemCard": {
        const { artifactId, item } = request as GetItemCardRequest;
        return { card: this.cards.get(artifactId, item, () => this.artifacts.get(artifactId)) };
      }
      case "Recommend": {
        const recommend = request as RecommendRequest;
        return this.recommendations.recommend(recommend, () => this.artifacts.get(recommend.model));
      }
      case "SimilarItems": {
        const similar = request as SimilarItemsRequest;
        return this.recommendations.similarItems(similar, () => this.artifacts.get(similar.model));
      }
      default:
        return { providers: (this.#options.providers ?? PROVIDERS).map((status) => ({ ...status })) };
    }
  }

  #start(kind: RunKind, request: StartRequest): unknown {
    if (request.validateOnly) return { run: this.runs.describe(kind, request).message };
    const { run, created } = this.runs.start(kind, request);
    const work = { kind, stage: stageOf(request.spec), spec: request.spec };
    if (created) play(run, work, this.artifacts, this.#options.script);
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
      maxConcurrentRuns: this.#options.maxConcurrentRuns ?? 1,
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
