/** What a run is, as the client shows it: plain data, no wire types. */

import type { ArtifactRef } from "../specs/common.js";
import type { CompareSpec } from "../specs/compare.js";
import type { EvaluateSpec } from "../specs/evaluate.js";
import type { ExportSpec } from "../specs/export.js";
import type { PreprocessSpec } from "../specs/preprocess.js";
import type { ReportSpec } from "../specs/report.js";
import type { TrainSpec } from "../specs/train.js";
import type { Variant } from "../specs/variant-names.js";
import type { EstimateResult, PreprocessResult, PreviewResult } from "./preprocess.js";

/** The verbs that carry the work. */
export type RunKind = "preprocess" | "train" | "evaluate" | "compare" | "report" | "export";

/** `queued -> starting -> running -> succeeded | failed`; `stopping` on the way to `cancelled`. */
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

/** The spec of a run of this kind. */
export type RunSpec<K extends RunKind = RunKind> = RunSpecs[K];

/**
 * What a succeeded run of this kind made; told apart by `kind`. One of `preprocess` has a `dataset`, or it has an
 * `estimate`, with or without a `preview`.
 */
export type RunResult<K extends RunKind = RunKind> = RunResults[K];

interface ResultCommon<K extends RunKind> {
  readonly kind: K;
  /** The run whose stored outputs were taken over, when the same work had been done before. */
  readonly reusedFromRunId?: string;
}

export interface TrainResult extends ResultCommon<"train"> {
  readonly model: ArtifactRef<"model">;
  /** Counted from 1. */
  readonly bestEpoch: number;
  readonly epochsRun: number;
  /** Metrics on the valid part at the best epoch, for example `ndcg@20`. */
  readonly metrics: Readonly<Record<string, number>>;
  readonly trainSeconds: number;
  /** `cpu` or the name of the CUDA device. */
  readonly device: string;
  readonly threads: number;
}

export interface EvaluateResult extends ResultCommon<"evaluate"> {
  readonly report: ArtifactRef<"evaluation">;
  /** For example `recall@20`, in [0, 1]: means over users with at least one held-out item. */
  readonly metrics: Readonly<Record<string, number>>;
  readonly numUsers: number;
  /** Users without a held-out item. */
  readonly numSkipped: number;
}

/** One entry's figures for one metric; what compares is absent for the baseline. */
export interface CompareRow {
  /** Of the entry. */
  readonly name: string;
  /** For example `ndcg@20`. */
  readonly metric: string;
  readonly mean: number;
  /** Over seeds; absent for one. */
  readonly std?: number;
  /** From the baseline's mean, over the users that both have. */
  readonly difference?: number;
  /** As a share of the baseline's mean. */
  readonly relativeDifference?: number;
  /** Of the difference, by bootstrap over users. */
  readonly intervalLow?: number;
  readonly intervalHigh?: number;
  /** Paired t, over users. */
  readonly pT?: number;
  readonly pWilcoxon?: number;
  /** By sign flips. */
  readonly pPermutation?: number;
  /** `pPermutation`, corrected for all rows (Holm). */
  readonly pHolm?: number;
  /** Paired t over seeds; absent without pairs. */
  readonly pSeeds?: number;
  readonly numUsers: number;
  readonly numSeeds: number;
}

export interface CompareResult extends ResultCommon<"compare"> {
  readonly report: ArtifactRef<"comparison">;
  /** One for each entry and metric. */
  readonly rows: readonly CompareRow[];
}

export interface ReportResult extends ResultCommon<"report"> {
  /** `report.html`, self-contained, and each figure as PNG and SVG. */
  readonly report: ArtifactRef<"report">;
}

export interface ExportResult extends ResultCommon<"export"> {
  readonly export: ArtifactRef<"export">;
  /** Of a `usearch` index: share of the exact top 10 it finds. */
  readonly indexRecall?: number;
}

/** Why a run failed: out of memory, a loss that is not finite, unusable data, a full disk, ... */
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

export interface RunFailure {
  readonly kind: FailureKind;
  readonly message: string;
  /** The worker's own Python traceback; empty when there is none. */
  readonly pythonTraceback: string;
  /** Name of the newest checkpoint of the run. */
  readonly lastCheckpoint?: string;
  /** What to do about it. */
  readonly hint?: string;
}

/** How a run ended; `R` is what it makes, where that is known better than by its kind. */
export type RunOutcome<K extends RunKind = RunKind, R extends RunResult<K> = RunResult<K>> =
  | { readonly state: "succeeded"; readonly result: R }
  | { readonly state: "failed"; readonly failure: RunFailure }
  | { readonly state: "cancelled" };

export interface RunProgress {
  /** What is being done, for example `encode` or `train`. */
  readonly phase: string;
  readonly done: number;
  /** Absent when it is not known. */
  readonly total?: number;
  /** Milliseconds to the end of this phase; absent when it is not known. */
  readonly etaMs?: number;
}

interface RunRecord<K extends RunKind> {
  readonly id: string;
  readonly kind: K;
  readonly state: RunState;
  readonly labels: Readonly<Record<string, string>>;
  /** The variant of the method that the spec of a train run is equal to; absent if there is none. */
  readonly variant?: Variant;
  /** The whole spec with every default filled in: enough to repeat the run. */
  readonly spec: RunSpec<K>;
  /** SHA-256 of kind and resolved spec, 64 hexadecimal digits. */
  readonly specDigest: string;
  /** Present once `state` is `succeeded`. */
  readonly result?: RunResult<K>;
  /** Present once `state` is `failed`. */
  readonly failure?: RunFailure;
  readonly progress?: RunProgress;
  /** Sequence number of the newest event. */
  readonly headSeq: number;
  /** Place in the queue, 1 is next; absent when not queued. */
  readonly queuePosition?: number;
  readonly createTime: Date;
  readonly startTime?: Date;
  readonly endTime?: Date;
}

/** The record of a run; told apart by `kind`. */
export type RunInfo<K extends RunKind = RunKind> = { [P in K]: RunRecord<P> }[K];

export type LogLevel = "debug" | "info" | "warning" | "error";

/** What happened, without its number and time. */
export type RunEventBody<K extends RunKind = RunKind> =
  | { readonly type: "state"; readonly state: RunState }
  | ({ readonly type: "progress" } & RunProgress)
  /** `name` is for example `loss/ranking` or `valid/ndcg@20`; `step` is the epoch, counted from 1. */
  | { readonly type: "metric"; readonly name: string; readonly value: number; readonly step: number }
  | { readonly type: "log"; readonly level: LogLevel; readonly line: string }
  | {
      readonly type: "checkpoint";
      readonly name: string;
      readonly epoch: number;
      readonly manifestSha256: string;
    }
  | { readonly type: "artifact"; readonly artifact: ArtifactRef }
  | { readonly type: "warning"; readonly code: string; readonly message: string }
  /** Events `from` to `to` are lost; made by the client, never sent by a server that is well. */
  | { readonly type: "gap"; readonly from: number; readonly to: number }
  /** Always the last event of a run. */
  | { readonly type: "finished"; readonly outcome: RunOutcome<K> };

/** One event of a run: `seq` is 1, 2, 3, ... without a gap, for each run. */
export type RunEvent<K extends RunKind = RunKind> = {
  readonly seq: number;
  readonly time: Date;
} & RunEventBody<K>;

export type RunEventType = RunEventBody["type"];
