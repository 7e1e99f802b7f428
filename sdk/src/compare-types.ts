/** Comparisons and reports by runs instead of artifacts. */

import type { ArtifactInput, RunInput } from "./specs/common.js";
import type { CompareSettings } from "./specs/compare.js";
import type { EvaluateSettings } from "./specs/evaluate.js";

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
