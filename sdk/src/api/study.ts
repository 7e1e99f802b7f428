/** An ablation as users ask for it and see it. */

import type { ArtifactInput, ArtifactRef, RunInput } from "../specs/common.js";
import type { CompareSettings } from "../specs/compare.js";
import type { EvaluateSettings } from "../specs/evaluate.js";
import type { Variant } from "../specs/variant-names.js";
import type { CompareRow, RunFailure } from "./run.js";

export interface AblationOptions {
  /** Left out: `base`, `dseg`, `random`, `no_dseg`, `no_adaptive_tau`, `random_neg`, `no_harm`, `grpo`, `full`. */
  variants?: readonly Variant[] | undefined;
  /** So many from the spec's own on (0 if it has none), or these; 5. */
  seeds?: number | readonly number[] | undefined;
  /** The variant that the others are compared with; `full`, or the first if that is not among them. */
  baseline?: Variant | undefined;
  /** How models are evaluated; cutoffs left out are those of `compare.metrics`. */
  evaluate?: EvaluateSettings | undefined;
  compare?: Omit<CompareSettings, "baseline"> | undefined;
  /** Variants in work at a time; as many as the server runs. */
  concurrency?: number | undefined;
  /** Put on every run, beside `variant` and `seed`. */
  labels?: Readonly<Record<string, string>> | undefined;
  /** What becomes of runs that failed in an earlier call: reported again, or started anew; `never`. */
  rerun?: "never" | "failed" | undefined;
  onProgress?: ((progress: AblationProgress) => void) | undefined;
  /** Ends the waiting; runs go on unless `cancelOnAbort` is set. */
  signal?: AbortSignal | undefined;
  /** Cancel the runs in work when `signal` aborts; false. */
  cancelOnAbort?: boolean | undefined;
}

/** What happened to one variant with one seed. */
export interface AblationProgress {
  readonly variant: Variant;
  readonly seed: number;
  readonly step: "train" | "evaluate";
  readonly state: "started" | "succeeded" | "failed" | "cancelled";
  readonly runId: string;
  /** Pairs of variant and seed that are over, of all. */
  readonly done: number;
  readonly total: number;
}

/** One trained and evaluated variant with one seed. */
export interface AblationRun {
  readonly variant: Variant;
  readonly seed: number;
  readonly trainRunId: string;
  readonly evaluateRunId: string;
  readonly model: ArtifactRef<"model">;
  readonly report: ArtifactRef<"evaluation">;
  /** For example `ndcg@20`. */
  readonly metrics: Readonly<Record<string, number>>;
}

/** One that did not get so far. */
export interface AblationFailure {
  readonly variant: Variant;
  readonly seed: number;
  readonly step: "train" | "evaluate";
  readonly runId: string;
  /** Absent if the run was cancelled. */
  readonly failure?: RunFailure;
}

export interface AblationResult {
  readonly runs: readonly AblationRun[];
  /** What is missing in the rows; `rerun: "failed"` tries it again. */
  readonly failures: readonly AblationFailure[];
  readonly baseline: Variant;
  /** One for each variant and metric; empty if fewer than two variants, or not the baseline, came to an end. */
  readonly rows: readonly CompareRow[];
  /** Absent without rows. */
  readonly comparison?: ArtifactRef<"comparison">;
}

/** Runs, grouped and named on the way; at least two entries come of them. */
export interface CompareRuns extends CompareSettings {
  entries?: undefined;
  /**
   * Train or evaluate runs that have succeeded. Those whose specs differ in the seed alone become one entry, named
   * by what it is. Come after `named`.
   */
  runs?: readonly RunInput[] | undefined;
  /** Entries under names of your own, each with its runs, one a seed. */
  named?: Readonly<Record<string, readonly RunInput[]>> | undefined;
  /** How models of train runs are evaluated; cutoffs left out are those of `metrics`. */
  evaluate?: EvaluateSettings | undefined;
}

/** Runs, named on the way, with their evaluations. */
export interface ReportRuns {
  entries?: undefined;
  /** Train or evaluate runs that have succeeded, and at most one compare run, for its table. */
  runs: readonly RunInput[];
  /** Runs that differ in one field of their train specs, for the figure of its influence. */
  sweeps?: readonly RunSweep[] | undefined;
  comparison?: ArtifactInput<"comparison"> | undefined;
  /** How models of train runs are evaluated. */
  evaluate?: EvaluateSettings | undefined;
}

export interface RunSweep {
  /** Path of the field, for example `policy.harmonyWeight`. */
  field: string;
  runs: readonly RunInput[];
}
