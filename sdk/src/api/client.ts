/** The client as users see it; `client.ts` composes it. */

import type { ArtifactInput } from "../specs/common.js";
import type { CompareSpec } from "../specs/compare.js";
import type { EvaluateSpec } from "../specs/evaluate.js";
import type { ExportSpec } from "../specs/export.js";
import type { PreprocessSpec } from "../specs/preprocess.js";
import type { ReportSpec } from "../specs/report.js";
import type { TrainSpec } from "../specs/train.js";
import type { ArtifactFilter, ArtifactInfo, DownloadOptions } from "./artifacts.js";
import type { DatasetsApi } from "./datasets.js";
import type { CallOptions, SubmitOptions } from "./options.js";
import type { PreprocessResult } from "./preprocess.js";
import type { RecommendRequest, ScoredItem, SimilarItemsRequest, UserItems } from "./recommend.js";
import type { RunInfo, RunKind, RunSpec } from "./run.js";
import type { CancelOptions, Run, RunFilter, RunPromise } from "./run-handle.js";
import type { SemanticIdsApi } from "./semantic-ids.js";
import type { AblationOptions, AblationResult, CompareRuns, ReportRuns } from "./study.js";

/** Made by `createClient`. Nothing is sent before the first call. */
export interface LghrecClient extends AsyncDisposable {
  /** Data set in, split and semantic ids out. */
  preprocess(spec: PreprocessSpec, options?: SubmitOptions): RunPromise<"preprocess", PreprocessResult>;
  /** Trains a backbone on a prepared data set. */
  train(spec: TrainSpec, options?: SubmitOptions): RunPromise<"train">;
  /** Ranks all items for every user and scores the lists. */
  evaluate(spec: EvaluateSpec, options?: SubmitOptions): RunPromise<"evaluate">;
  /** Compares evaluations with paired tests, over users and over seeds. */
  compare(spec: CompareSpec | CompareRuns, options?: SubmitOptions): RunPromise<"compare">;
  /** Draws a page of figures from trained models. */
  report(spec: ReportSpec | ReportRuns, options?: SubmitOptions): RunPromise<"report">;
  /** Writes a trained model for other programs. */
  export(spec: ExportSpec, options?: SubmitOptions): RunPromise<"export">;
  /**
   * Trains and evaluates variants of a train spec over seeds, then compares them with `full`. Called again with the
   * same spec it finds what is done and does what is missing. Failed runs are in the result, not a rejection;
   * `InvalidArgumentError` comes before anything is started.
   */
  ablation(spec: TrainSpec, options?: AblationOptions): Promise<AblationResult>;
  /** Items for users, from a trained model and without a run; in the order of `users`. */
  recommend(request: RecommendRequest, options?: CallOptions): Promise<UserItems[]>;
  /** Items nearest to an item by the cosine of a trained model, without itself. */
  similarItems(request: SimilarItemsRequest, options?: CallOptions): Promise<ScoredItem[]>;
  /** Checks specs on the server; nothing is written and no run is made. */
  readonly validate: Validation;
  readonly runs: RunsApi;
  readonly artifacts: ArtifactsApi;
  /** Your own files, on the server. */
  readonly datasets: DatasetsApi;
  /** A look into semantic ids: cards of items, estimates, previews, providers. */
  readonly semanticIds: SemanticIdsApi;
  /** Raises `IncompatibleServerError` if the server is older than this client needs. */
  serverInfo(options?: CallOptions): Promise<ServerInfo>;
  /**
   * Asks until the server answers, `signal` ends it or `timeoutMs` (60,000) is over. A wrong certificate or
   * token, or a server of another kind, is an error at once.
   */
  waitForReady(options?: CallOptions): Promise<ServerInfo>;
  /** Breaks off what is going on (`ConnectionError`, kind `closed`) and lets go of the connection. Runs go on. */
  close(): void;
}

/** A spec as the server would run it. */
export interface ValidatedSpec<K extends RunKind> {
  readonly kind: K;
  /** Every default filled in. */
  readonly spec: RunSpec<K>;
  /** SHA-256 of kind and resolved spec, 64 hexadecimal digits. */
  readonly specDigest: string;
}

/** Each raises `InvalidArgumentError` with every violation. */
export interface Validation {
  preprocess(spec: PreprocessSpec, options?: CallOptions): Promise<ValidatedSpec<"preprocess">>;
  train(spec: TrainSpec, options?: CallOptions): Promise<ValidatedSpec<"train">>;
  evaluate(spec: EvaluateSpec, options?: CallOptions): Promise<ValidatedSpec<"evaluate">>;
  compare(spec: CompareSpec, options?: CallOptions): Promise<ValidatedSpec<"compare">>;
  report(spec: ReportSpec, options?: CallOptions): Promise<ValidatedSpec<"report">>;
  export(spec: ExportSpec, options?: CallOptions): Promise<ValidatedSpec<"export">>;
}

export interface RunsApi {
  /** A handle on a run that is there already. Sends nothing: an unknown id is an error at the first call. */
  attach<K extends RunKind = RunKind>(id: string, kind?: K): Run<K>;
  get(id: string, options?: CallOptions): Promise<RunInfo>;
  /** Newest first; fetches page after page. `timeoutMs` is for each page. */
  list(filter?: RunFilter, options?: CallOptions): AsyncIterable<RunInfo>;
  cancel(id: string, options?: CancelOptions): Promise<RunInfo>;
  /** Removes an ended run with its events, log and checkpoints; its artifacts stay. */
  delete(id: string, options?: CallOptions): Promise<void>;
}

export interface ArtifactsApi {
  get(artifact: ArtifactInput, options?: CallOptions): Promise<ArtifactInfo>;
  /** Newest first; fetches page after page. `timeoutMs` is for each page. */
  list(filter?: ArtifactFilter, options?: CallOptions): AsyncIterable<ArtifactInfo>;
  /**
   * Writes the files under the folder `dest`. Goes on where a cut download ended, checks every SHA-256,
   * and puts a file in place only when it is whole. No time limit unless `timeoutMs` is given.
   */
  download(artifact: ArtifactInput, dest: string, options?: DownloadOptions): Promise<ArtifactInfo>;
}

export interface ServerInfo {
  /** Version of the server's package. */
  readonly version: string;
  /** Grows with each change of the contract that a client can notice. */
  readonly apiRevision: number;
  /** Random for each start of the server. */
  readonly instanceId: string;
  readonly maxConcurrentRuns: number;
  /** Names of the devices seen, `cpu` first. */
  readonly devices: readonly string[];
  readonly capabilities: Capabilities;
}

/** Names as specs use them; what is not listed is refused as a violation. */
export interface Capabilities {
  readonly builtinDatasets: readonly string[];
  readonly formats: readonly string[];
  readonly cotProviders: readonly string[];
  readonly encoders: readonly string[];
  readonly backbones: readonly string[];
  readonly policies: readonly string[];
  readonly exportFormats: readonly string[];
}
