/**
 * Typed client of LGHRec: preprocesses data, and trains, evaluates and exports graph recommenders.
 *
 * @module lghrec
 */

export type {
  ArtifactFile,
  ArtifactFilter,
  ArtifactInfo,
  DownloadOptions,
  DownloadProgress,
} from "./api/artifacts.js";
export type {
  ArtifactsApi,
  Capabilities,
  LghrecClient,
  RunsApi,
  ServerInfo,
  ValidatedSpec,
  Validation,
} from "./api/client.js";
export type {
  DatasetRef,
  DatasetsApi,
  SkippedFiles,
  UploadOptions,
  UploadProgress,
} from "./api/datasets.js";
export type {
  CallOptions,
  ClientOptions,
  KeepaliveOptions,
  Logger,
  OpaqueTransport,
  PemOrPath,
  RetryOptions,
  SubmitOptions,
  TlsOptions,
} from "./api/options.js";
export type {
  DatasetStatistics,
  EstimateResult,
  FilterStep,
  InterestStatistics,
  ItemPreview,
  ItemStatus,
  KnowledgeStatistics,
  PreprocessResult,
  PreviewResult,
  SemanticEstimate,
  SemanticQuality,
} from "./api/preprocess.js";
export type { ScoredItem, UserItems } from "./api/recommend.js";
export type {
  CompareResult,
  CompareRow,
  EvaluateResult,
  ExportResult,
  FailureKind,
  LogLevel,
  ReportResult,
  RunEvent,
  RunEventBody,
  RunEventType,
  RunFailure,
  RunInfo,
  RunKind,
  RunOutcome,
  RunProgress,
  RunResult,
  RunSpec,
  RunState,
  TrainResult,
} from "./api/run.js";
export type {
  CancelOptions,
  EventOptions,
  EventStream,
  Run,
  RunFilter,
  RunPromise,
  WaitOptions,
} from "./api/run-handle.js";
export type {
  CardProvenance,
  ItemCard,
  NeighborItem,
  ProviderStatus,
  QuoteSpan,
  SemanticIdsApi,
  TextsSpec,
} from "./api/semantic-ids.js";
export type {
  AblationFailure,
  AblationOptions,
  AblationProgress,
  AblationResult,
  AblationRun,
  CompareRuns,
  ReportRuns,
  RunSweep,
} from "./api/study.js";
export { createClient } from "./client.js";
export { VARIANTS } from "./convert/variants.js";
export {
  AuthError,
  ConfigError,
  ConflictError,
  ConnectionError,
  type ConnectionErrorKind,
  type ErrorOptions,
  GateFailedError,
  type GateFailure,
  IncompatibleServerError,
  IntegrityError,
  InvalidArgumentError,
  LghrecError,
  type LghrecErrorCode,
  NotFoundError,
  ResourceExhaustedError,
  RunCancelledError,
  RunFailedError,
  ServerError,
  TimeoutError,
  UnavailableError,
  type Violation,
} from "./errors.js";
export type { ArtifactInput, ArtifactKind, ArtifactRef, RunInput } from "./specs/common.js";
export type * from "./specs/gen/index.js";
