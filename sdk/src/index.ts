/** Typed client of LGHRec: preprocess, train, evaluate and export graph recommenders. */

export type {
  AblationFailure,
  AblationOptions,
  AblationProgress,
  AblationResult,
  AblationRun,
} from "./ablation-types.js";
export type {
  ArtifactFile,
  ArtifactFilter,
  ArtifactInfo,
  DownloadOptions,
  DownloadProgress,
} from "./artifact-types.js";
export { createClient } from "./client.js";
export type {
  ArtifactsApi,
  Capabilities,
  LghrecClient,
  RunsApi,
  ServerInfo,
  ValidatedSpec,
  Validation,
} from "./client-types.js";
export type { CompareRuns, ReportRuns, RunSweep } from "./compare-types.js";
export type {
  DatasetStatistics,
  FilterStep,
  InterestStatistics,
  KnowledgeStatistics,
} from "./dataset-statistics.js";
export type {
  DatasetRef,
  DatasetsApi,
  SkippedFiles,
  UploadOptions,
  UploadProgress,
} from "./dataset-types.js";
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
export type { FailureKind, RunFailure } from "./failure.js";
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
} from "./options.js";
export type {
  EstimateResult,
  ItemPreview,
  ItemStatus,
  PreprocessResult,
  PreviewResult,
  SemanticEstimate,
  SemanticQuality,
} from "./preprocess-result.js";
export type { RecommendRequest, ScoredItem, SimilarItemsRequest, UserItems } from "./recommend-types.js";
export type {
  CancelOptions,
  EventOptions,
  EventStream,
  Run,
  RunFilter,
  RunPromise,
  WaitOptions,
} from "./run-handle.js";
export type {
  CompareResult,
  CompareRow,
  EvaluateResult,
  ExportResult,
  LogLevel,
  ReportResult,
  RunEvent,
  RunEventBody,
  RunEventType,
  RunInfo,
  RunKind,
  RunOutcome,
  RunProgress,
  RunResult,
  RunSpec,
  RunState,
  TrainResult,
} from "./run-types.js";
export type {
  CardProvenance,
  ItemCard,
  NeighborItem,
  ProviderStatus,
  QuoteSpan,
  SemanticIdsApi,
  TextsSpec,
} from "./semantic-types.js";
export type * from "./specs/backbone.js";
export type { ArtifactInput, ArtifactKind, ArtifactRef, Device, RunInput, SeenMask } from "./specs/common.js";
export type * from "./specs/compare.js";
export type * from "./specs/evaluate.js";
export type * from "./specs/export.js";
export type * from "./specs/policy.js";
export type { FilterSpec, PreprocessSpec, SplitSpec } from "./specs/preprocess.js";
export type * from "./specs/report.js";
export type { GenerationSpec, SemanticSpec } from "./specs/semantic.js";
export type * from "./specs/source.js";
export type { CheckpointSpec, EarlyStopSpec, FusionSpec, OptimizerSpec, TrainSpec } from "./specs/train.js";
export {
  applyVariant,
  type MethodVariant,
  type SemanticIdsByVariant,
  type TextVariant,
  VARIANTS,
  type Variant,
} from "./specs/variants.js";
