/** Types of studies: comparisons and reports of runs, and ablations. */

import type { ArtifactInput, ArtifactRef, RunInput } from "../specs/common.js";
import type { CompareSpec } from "../specs/gen/compare.js";
import type { EvaluateSettings } from "../specs/gen/evaluate.js";
import type { Variant } from "../specs/gen/variants.js";
import type { CompareRow, RunFailure } from "./run.js";

/** Options of `client.ablation`. */
export interface AblationOptions {
  /**
   * Variants to train. The default is `base`, `dseg`, `random`, `no_dseg`, `no_adaptive_tau`, `random_neg`, `no_harm`,
   * `grpo` and `full`.
   */
  variants?: readonly Variant[] | undefined;
  /**
   * Either the number of seeds, counted up from the seed of the spec (0 if it has none), or the seeds themselves. The
   * default is 5.
   */
  seeds?: number | readonly number[] | undefined;
  /**
   * The variant that the others are compared with. The default is `full`, or the first variant if `full` is not among
   * them.
   */
  baseline?: Variant | undefined;
  /** How to evaluate the models. If it has no cutoffs, those of `compare.metrics` apply. */
  evaluate?: EvaluateSettings | undefined;
  /** How to compare the evaluations. */
  compare?: Omit<CompareSpec, "baseline" | "entries"> | undefined;
  /** Number of variants that run at the same time. The default is the number of runs that the server runs at a time. */
  concurrency?: number | undefined;
  /** Labels of every run, in addition to `variant` and `seed`. */
  labels?: Readonly<Record<string, string>> | undefined;
  /**
   * Applies to runs that failed in an earlier call: `never` reports them again, `failed` starts them anew. The default
   * is `never`.
   */
  rerun?: "never" | "failed" | undefined;
  /** Called when a run starts and when it ends. */
  onProgress?: ((progress: AblationProgress) => void) | undefined;
  /** Ends the waiting. The runs continue, unless `cancelOnAbort` is set. */
  signal?: AbortSignal | undefined;
  /** Cancel the active runs when `signal` aborts. The default is false. */
  cancelOnAbort?: boolean | undefined;
}

/** Start or end of one run of an ablation. */
export interface AblationProgress {
  readonly variant: Variant;
  readonly seed: number;
  readonly step: "train" | "evaluate";
  readonly state: "started" | "succeeded" | "failed" | "cancelled";
  readonly runId: string;
  /** Number of pairs of variant and seed that are finished. */
  readonly done: number;
  /** Number of pairs of variant and seed in the ablation. */
  readonly total: number;
}

/** One variant, trained and evaluated with one seed. */
export interface AblationRun {
  readonly variant: Variant;
  readonly seed: number;
  readonly trainRunId: string;
  readonly evaluateRunId: string;
  readonly model: ArtifactRef<"model">;
  readonly report: ArtifactRef<"evaluation">;
  /** Metrics by name, for example `ndcg@20`. */
  readonly metrics: Readonly<Record<string, number>>;
}

/** One variant and seed whose run did not succeed. */
export interface AblationFailure {
  readonly variant: Variant;
  readonly seed: number;
  /** The step that did not succeed. */
  readonly step: "train" | "evaluate";
  readonly runId: string;
  /** Absent if the run was cancelled. */
  readonly failure?: RunFailure;
}

/** Result of `client.ablation`. */
export interface AblationResult {
  readonly runs: readonly AblationRun[];
  /** Runs that are missing in the rows. Call again with `rerun: "failed"` to start them anew. */
  readonly failures: readonly AblationFailure[];
  readonly baseline: Variant;
  /** One row for each variant and metric. Empty unless the baseline and at least one other variant succeeded. */
  readonly rows: readonly CompareRow[];
  /** Absent if there are no rows. */
  readonly comparison?: ArtifactRef<"comparison">;
}

/**
 * A comparison that is given by runs instead of evaluations. The client evaluates models that have not been evaluated,
 * and groups and names the entries. It needs at least two entries.
 */
export interface CompareRuns extends Omit<CompareSpec, "entries"> {
  entries?: undefined;
  /**
   * Train or evaluate runs that have succeeded. Runs whose specs differ only in the seed become one entry, with a name
   * from its spec. These entries follow those of `named`.
   */
  runs?: readonly RunInput[] | undefined;
  /** Entries with names of your own: for each name, one run per seed. */
  named?: Readonly<Record<string, readonly RunInput[]>> | undefined;
  /** How to evaluate the models of train runs. If it has no cutoffs, those of `metrics` apply. */
  evaluate?: EvaluateSettings | undefined;
}

/** A report that is given by runs instead of artifacts. The client evaluates models that have not been evaluated. */
export interface ReportRuns {
  entries?: undefined;
  /** Train or evaluate runs that have succeeded. At most one compare run can be added, for its table. */
  runs: readonly RunInput[];
  /** Runs that differ in one field of their train specs, for a figure of the field's influence. */
  sweeps?: readonly RunSweep[] | undefined;
  /** A comparison whose table the report shows. */
  comparison?: ArtifactInput<"comparison"> | undefined;
  /** How to evaluate the models of train runs. */
  evaluate?: EvaluateSettings | undefined;
}

/** Runs that differ in one field of their train specs. */
export interface RunSweep {
  /** Path of the field, for example `policy.harmonyWeight`. */
  field: string;
  runs: readonly RunInput[];
}
