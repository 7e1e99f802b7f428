/** Types of runs: kinds, states, records, results and events. Plain data, without types of the wire. */

import type { ArtifactRef } from "../specs/common.js";
import type { CompareSpec } from "../specs/gen/compare.js";
import type { EvaluateSpec } from "../specs/gen/evaluate.js";
import type { ExportSpec } from "../specs/gen/export.js";
import type { PreprocessSpec } from "../specs/gen/preprocess.js";
import type { ReportSpec } from "../specs/gen/report.js";
import type { TrainSpec } from "../specs/gen/train.js";
import type { Variant } from "../specs/gen/variants.js";
import type { EstimateResult, PreprocessResult, PreviewResult } from "./preprocess.js";

/** What a run does. Each kind has its own {@link RunSpec} and {@link RunResult}. */
export type RunKind = "preprocess" | "train" | "evaluate" | "compare" | "report" | "export";

/** `queued -> starting -> running -> succeeded | failed`. A cancelled run passes `stopping`, unless it was queued. */
export type RunState = "queued" | "starting" | "running" | "stopping" | "succeeded" | "failed" | "cancelled";

interface RunSpecs {
  preprocess: PreprocessSpec;
  train: TrainSpec;
  evaluate: EvaluateSpec;
  compare: CompareSpec;
  report: ReportSpec;
  export: ExportSpec;
}

interface RunResults {
  preprocess: PreprocessResult | EstimateResult | PreviewResult;
  train: TrainResult;
  evaluate: EvaluateResult;
  compare: CompareResult;
  report: ReportResult;
  export: ExportResult;
}

/** The spec of a run of kind `K`. */
export type RunSpec<K extends RunKind = RunKind> = RunSpecs[K];

/**
 * The result of a succeeded run of kind `K`. The field `kind` distinguishes the results. A preprocess result has
 * either a `dataset`, or an `estimate` with or without a `preview`.
 */
export type RunResult<K extends RunKind = RunKind> = RunResults[K];

interface ResultCommon<K extends RunKind> {
  readonly kind: K;
  /** Id of the earlier run whose stored outputs this run reuses. Absent if the run did the work itself. */
  readonly reusedFromRunId?: string;
}

/** Result of `client.train`. */
export interface TrainResult extends ResultCommon<"train"> {
  /** The trained model, for `client.evaluate`, `client.export` and `client.recommend`. */
  readonly model: ArtifactRef<"model">;
  /** Epoch of the model that was kept, counted from 1. */
  readonly bestEpoch: number;
  readonly epochsRun: number;
  /** Metrics on the valid part at the best epoch, by name, for example `ndcg@20`. Values are in [0, 1]. */
  readonly metrics: Readonly<Record<string, number>>;
  readonly trainSeconds: number;
  /** `cpu` or the name of the CUDA device. */
  readonly device: string;
  /** Number of CPU threads of the worker. */
  readonly threads: number;
}

/** Result of `client.evaluate`. */
export interface EvaluateResult extends ResultCommon<"evaluate"> {
  /** The evaluation with its per-user values, for `client.compare` and `client.report`. */
  readonly report: ArtifactRef<"evaluation">;
  /** Means over users with at least one held-out item, by name, for example `recall@20`. Values are in [0, 1]. */
  readonly metrics: Readonly<Record<string, number>>;
  /** Number of users that were evaluated. */
  readonly numUsers: number;
  /** Number of users without a held-out item. */
  readonly numSkipped: number;
}

/** Values of one entry for one metric. Fields that compare with the baseline are absent in the baseline's own rows. */
export interface CompareRow {
  /** Name of the entry. */
  readonly name: string;
  /** Name of the metric, for example `ndcg@20`. */
  readonly metric: string;
  /** Mean over users and seeds. */
  readonly mean: number;
  /** Standard deviation over seeds. Absent for a single seed. */
  readonly std?: number;
  /** Difference from the mean of the baseline, over the users that both entries have. */
  readonly difference?: number;
  /** The difference divided by the mean of the baseline. */
  readonly relativeDifference?: number;
  /** Lower end of the confidence interval of the difference, by bootstrap over users. */
  readonly intervalLow?: number;
  /** Upper end of the confidence interval of the difference. */
  readonly intervalHigh?: number;
  /** p value of the paired t test over users. */
  readonly pT?: number;
  /** p value of the Wilcoxon signed-rank test over users. */
  readonly pWilcoxon?: number;
  /** p value of the permutation test with random sign flips over users. */
  readonly pPermutation?: number;
  /** `pPermutation` after Holm's correction for all rows. */
  readonly pHolm?: number;
  /** p value of the paired t test over seeds. Absent if the entries share no seeds. */
  readonly pSeeds?: number;
  readonly numUsers: number;
  readonly numSeeds: number;
}

/** Result of `client.compare`. */
export interface CompareResult extends ResultCommon<"compare"> {
  /** The comparison as `comparison.json`, `comparison.md` and `comparison.tex`. */
  readonly report: ArtifactRef<"comparison">;
  /** One row for each entry and metric. */
  readonly rows: readonly CompareRow[];
}

/** Result of `client.report`. */
export interface ReportResult extends ResultCommon<"report"> {
  /** The self-contained page `report.html`, and each figure as PNG and SVG. */
  readonly report: ArtifactRef<"report">;
}

/** Result of `client.export`. */
export interface ExportResult extends ResultCommon<"export"> {
  readonly export: ArtifactRef<"export">;
  /** For a `usearch` index: fraction of the exact top 10 that the index finds, in [0, 1]. */
  readonly indexRecall?: number;
}

/**
 * Cause of a failed run.
 *
 * - `oom`: the host or the device is out of memory.
 * - `nan`: a loss or a score is not finite.
 * - `data`: the data cannot be used as the spec requires.
 * - `disk`: the disk is full or cannot be written.
 * - `llm`: a language model gave no usable answer.
 * - `worker_lost`: the worker process ended without a report.
 * - `deadline`: the run took longer than allowed.
 * - `user`: the request cannot be met, for example because a device does not exist.
 * - `internal`: a defect of LGHRec.
 */
export type FailureKind =
  | "oom"
  | "nan"
  | "data"
  | "disk"
  | "llm"
  | "worker_lost"
  | "deadline"
  | "user"
  | "internal";

/** Why a run failed, as its worker or the server reports it. */
export interface RunFailure {
  readonly kind: FailureKind;
  readonly message: string;
  /** Python traceback of the worker. Empty if there is none. */
  readonly pythonTraceback: string;
  /** Name of the newest checkpoint of the run. */
  readonly lastCheckpoint?: string;
  /** How to correct the cause. */
  readonly hint?: string;
}

/** How a run ended. `R` is its result, if that is known more exactly than by the kind. */
export type RunOutcome<K extends RunKind = RunKind, R extends RunResult<K> = RunResult<K>> =
  | { readonly state: "succeeded"; readonly result: R }
  | { readonly state: "failed"; readonly failure: RunFailure }
  | { readonly state: "cancelled" };

/** How far a run is. */
export interface RunProgress {
  /** Name of the current phase, for example `encode` or `train`. */
  readonly phase: string;
  readonly done: number;
  /** Absent if it is unknown. */
  readonly total?: number;
  /** Estimated time to the end of the phase, in milliseconds. Absent if it is unknown. */
  readonly etaMs?: number;
}

interface RunRecord<K extends RunKind> {
  readonly id: string;
  readonly kind: K;
  readonly state: RunState;
  readonly labels: Readonly<Record<string, string>>;
  /** The variant of the method that the spec of a train run is equal to. Absent if there is none. */
  readonly variant?: Variant;
  /** The spec with every default filled in. It is sufficient to repeat the run. */
  readonly spec: RunSpec<K>;
  /** SHA-256 of the kind and the resolved spec, 64 hexadecimal digits. */
  readonly specDigest: string;
  /** Present if `state` is `succeeded`. */
  readonly result?: RunResult<K>;
  /** Present if `state` is `failed`. */
  readonly failure?: RunFailure;
  readonly progress?: RunProgress;
  /** Sequence number of the newest event. */
  readonly headSeq: number;
  /** Position in the queue, where 1 is the next run to start. Absent unless `state` is `queued`. */
  readonly queuePosition?: number;
  readonly createTime: Date;
  readonly startTime?: Date;
  readonly endTime?: Date;
}

/** The record of a run. The field `kind` distinguishes the records. */
export type RunInfo<K extends RunKind = RunKind> = { [P in K]: RunRecord<P> }[K];

export type LogLevel = "debug" | "info" | "warning" | "error";

/** Content of a {@link RunEvent}, without its sequence number and time. */
export type RunEventBody<K extends RunKind = RunKind> =
  /** The run entered another state. */
  | { readonly type: "state"; readonly state: RunState }
  | ({ readonly type: "progress" } & RunProgress)
  /** `name` is for example `loss/ranking` or `valid/ndcg@20`. `step` is the epoch, counted from 1. */
  | { readonly type: "metric"; readonly name: string; readonly value: number; readonly step: number }
  | { readonly type: "log"; readonly level: LogLevel; readonly line: string }
  /** A checkpoint from which training can resume was stored. `manifestSha256` has 64 hexadecimal digits. */
  | {
      readonly type: "checkpoint";
      readonly name: string;
      readonly epoch: number;
      readonly manifestSha256: string;
    }
  /** An artifact was stored. */
  | { readonly type: "artifact"; readonly artifact: ArtifactRef }
  /** `code` is for example `rows_skipped`. */
  | { readonly type: "warning"; readonly code: string; readonly message: string }
  /** Events `from` to `to` are lost. The client creates this event if the server leaves out numbers. */
  | { readonly type: "gap"; readonly from: number; readonly to: number }
  /** The last event of every run. */
  | { readonly type: "finished"; readonly outcome: RunOutcome<K> };

/** One event of a run. `seq` counts 1, 2, 3, ... for each run. */
export type RunEvent<K extends RunKind = RunKind> = {
  readonly seq: number;
  readonly time: Date;
} & RunEventBody<K>;

export type RunEventType = RunEventBody["type"];
