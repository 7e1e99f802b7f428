/** Type of the client and of its services. */

import type { ArtifactInput } from "../specs/common.js";
import type { CompareSpec } from "../specs/gen/compare.js";
import type { EvaluateSpec } from "../specs/gen/evaluate.js";
import type { ExportSpec } from "../specs/gen/export.js";
import type { PreprocessSpec } from "../specs/gen/preprocess.js";
import type { RecommendRequest, SimilarItemsRequest } from "../specs/gen/recommend.js";
import type { ReportSpec } from "../specs/gen/report.js";
import type { TrainSpec } from "../specs/gen/train.js";
import type { ArtifactFilter, ArtifactInfo, DownloadOptions } from "./artifacts.js";
import type { DatasetsApi } from "./datasets.js";
import type { CallOptions, SubmitOptions } from "./options.js";
import type { PreprocessResult } from "./preprocess.js";
import type { ScoredItem, UserItems } from "./recommend.js";
import type { RunInfo, RunKind, RunSpec } from "./run.js";
import type { CancelOptions, Run, RunFilter, RunPromise } from "./run-handle.js";
import type { SemanticIdsApi } from "./semantic-ids.js";
import type { AblationOptions, AblationResult, CompareRuns, ReportRuns } from "./study.js";

/**
 * Client of one LGHRec server. Create it with `createClient`. It opens no connection before the first call.
 *
 * The calls that start a run return a {@link RunPromise}. They reject with {@link InvalidArgumentError} if the spec has
 * wrong fields.
 */
export interface LghrecClient extends AsyncDisposable {
  /** Reads a data set, filters and splits it, and creates semantic ids if the spec has `semantic`. */
  preprocess(spec: PreprocessSpec, options?: SubmitOptions): RunPromise<"preprocess", PreprocessResult>;
  /** Trains a backbone on a prepared data set. */
  train(spec: TrainSpec, options?: SubmitOptions): RunPromise<"train">;
  /** Ranks all items for every user and computes metrics of the lists. */
  evaluate(spec: EvaluateSpec, options?: SubmitOptions): RunPromise<"evaluate">;
  /** Compares evaluations with paired tests over users and over seeds. */
  compare(spec: CompareSpec | CompareRuns, options?: SubmitOptions): RunPromise<"compare">;
  /** Creates a page of figures from trained models. */
  report(spec: ReportSpec | ReportRuns, options?: SubmitOptions): RunPromise<"report">;
  /** Writes a trained model in a format for other programs. */
  export(spec: ExportSpec, options?: SubmitOptions): RunPromise<"export">;
  /**
   * Trains and evaluates variants of a train spec over several seeds, then compares them with the baseline.
   *
   * Called again with the same spec, it uses the runs that exist and starts those that are missing. Failed runs are
   * part of the result and do not reject the promise.
   *
   * @throws InvalidArgumentError before any run starts, if a variant cannot be derived from the spec.
   */
  ablation(spec: TrainSpec, options?: AblationOptions): Promise<AblationResult>;
  /**
   * Recommends items to users. The server computes the lists at once, without a run. The result has the order of
   * `users`. At most 100,000 items per call, users times `k`.
   *
   * @throws NotFoundError for an unknown model. Unknown users are part of the result.
   */
  recommend(request: RecommendRequest, options?: CallOptions): Promise<UserItems[]>;
  /**
   * Returns the items with the highest cosine to an item in a trained model, without the item itself.
   *
   * @throws NotFoundError for an unknown model or item.
   */
  similarItems(request: SimilarItemsRequest, options?: CallOptions): Promise<ScoredItem[]>;
  /** Checks specs on the server without starting a run. */
  readonly validate: Validation;
  /** Existing runs. */
  readonly runs: RunsApi;
  /** Stored artifacts and their files. */
  readonly artifacts: ArtifactsApi;
  /** Your own files on the server. */
  readonly datasets: DatasetsApi;
  /** Item cards, estimates, previews and providers of semantic ids. */
  readonly semanticIds: SemanticIdsApi;
  /** @throws IncompatibleServerError if the server is older than this client requires. */
  serverInfo(options?: CallOptions): Promise<ServerInfo>;
  /**
   * Calls the server repeatedly until it answers.
   *
   * @param options The default of `timeoutMs` is 60,000.
   * @throws TimeoutError if the server does not answer in time.
   * @throws ConnectionError, AuthError or IncompatibleServerError at once, for a wrong certificate or token or for a
   *   server of another kind.
   */
  waitForReady(options?: CallOptions): Promise<ServerInfo>;
  /**
   * Closes the connection. Open calls reject with {@link ConnectionError} of the kind `closed`. Runs on the server
   * continue.
   */
  close(): void;
}

/** A spec as the server would run it. */
export interface ValidatedSpec<K extends RunKind> {
  readonly kind: K;
  /** The spec with every default filled in. */
  readonly spec: RunSpec<K>;
  /** SHA-256 of the kind and the resolved spec, 64 hexadecimal digits. */
  readonly specDigest: string;
}

/**
 * Checks specs on the server without starting a run. Every method rejects with {@link InvalidArgumentError}, which
 * lists all violations. Access it as `client.validate`.
 */
export interface Validation {
  preprocess(spec: PreprocessSpec, options?: CallOptions): Promise<ValidatedSpec<"preprocess">>;
  train(spec: TrainSpec, options?: CallOptions): Promise<ValidatedSpec<"train">>;
  evaluate(spec: EvaluateSpec, options?: CallOptions): Promise<ValidatedSpec<"evaluate">>;
  compare(spec: CompareSpec, options?: CallOptions): Promise<ValidatedSpec<"compare">>;
  report(spec: ReportSpec, options?: CallOptions): Promise<ValidatedSpec<"report">>;
  export(spec: ExportSpec, options?: CallOptions): Promise<ValidatedSpec<"export">>;
}

/** Finds and manages existing runs. Access it as `client.runs`. */
export interface RunsApi {
  /**
   * Returns a handle of an existing run. Sends nothing: an unknown id is an error of the handle's first call.
   *
   * @param kind If given, the types of the handle are those of this kind. A run of another kind is then an error.
   */
  attach<K extends RunKind = RunKind>(id: string, kind?: K): Run<K>;
  /** @throws NotFoundError if the server has no run with this id. */
  get(id: string, options?: CallOptions): Promise<RunInfo>;
  /** Lists runs, newest first, and fetches page after page. `timeoutMs` limits each page. */
  list(filter?: RunFilter, options?: CallOptions): AsyncIterable<RunInfo>;
  /** Requests a run to stop. A run that has already ended stays unchanged. */
  cancel(id: string, options?: CancelOptions): Promise<RunInfo>;
  /**
   * Deletes a run that has ended, with its events, log and checkpoints. Its artifacts stay.
   *
   * @throws ConflictError if the run has not ended.
   */
  delete(id: string, options?: CallOptions): Promise<void>;
}

/** Finds and downloads stored artifacts. Access it as `client.artifacts`. */
export interface ArtifactsApi {
  /** @throws NotFoundError if the server has no artifact with this id. */
  get(artifact: ArtifactInput, options?: CallOptions): Promise<ArtifactInfo>;
  /** Lists artifacts, newest first, and fetches page after page. `timeoutMs` limits each page. */
  list(filter?: ArtifactFilter, options?: CallOptions): AsyncIterable<ArtifactInfo>;
  /**
   * Downloads the files of an artifact into the folder `dest`.
   *
   * An interrupted download continues where it stopped. The client checks the SHA-256 of every file, and a file
   * appears under its name only when it is complete.
   *
   * @param options `timeoutMs` limits the whole download. The default is no limit.
   * @throws IntegrityError if the received bytes do not have the expected hash.
   */
  download(artifact: ArtifactInput, dest: string, options?: DownloadOptions): Promise<ArtifactInfo>;
}

/** Version and capabilities of a server. */
export interface ServerInfo {
  /** Version of the server's package. */
  readonly version: string;
  /** Revision of the contract. It increases with each change that a client can notice. */
  readonly apiRevision: number;
  /** Random id of this start of the server. */
  readonly instanceId: string;
  /** Number of runs that the server runs at the same time. */
  readonly maxConcurrentRuns: number;
  /** Names of the available devices, `cpu` first. */
  readonly devices: readonly string[];
  readonly capabilities: Capabilities;
}

/** Names that the server accepts in specs. The server rejects any other name as a violation. */
export interface Capabilities {
  readonly builtinDatasets: readonly string[];
  readonly formats: readonly string[];
  readonly textSources: readonly string[];
  readonly encoders: readonly string[];
  readonly backbones: readonly string[];
  readonly policies: readonly string[];
  readonly exportFormats: readonly string[];
}
