/** What a report run may ask for, as users write it. */

import type { ArtifactInput } from "./common.js";

/** A page of figures drawn from what runs have stored. */
export interface ReportSpec {
  /** The first is what the page is about, the others stand beside it. */
  entries: readonly ReportEntry[];
  sweeps?: readonly ReportSweep[] | undefined;
  /** `result.report` of a compare result, to print on the page. */
  comparison?: ArtifactInput<"comparison"> | undefined;
}

/** One trained model of a report. */
export interface ReportEntry {
  name: string;
  /** `result.model` of a train result. */
  model: ArtifactInput<"model">;
  /** `result.report` of an evaluate result of that model; left out leaves its figures out. */
  evaluation?: ArtifactInput<"evaluation"> | undefined;
}

/** A parameter that at least two models differ in, for the figure of its influence. */
export interface ReportSweep {
  /** Path of the field, for example `policy.harmony_weight`. */
  field: string;
  entries: readonly ReportEntry[];
}
