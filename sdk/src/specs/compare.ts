/** What a compare run may ask for, as users write it. */

import type { ArtifactInput } from "./common.js";

/** Compares evaluations with paired tests; at least two entries, of the same split under the same mask. */
export interface CompareSpec extends CompareSettings {
  entries: readonly CompareEntry[];
}

/** One of the things compared, under the name it has in the tables. */
export interface CompareEntry {
  name: string;
  /** `result.report` of evaluate results, one for each seed. */
  reports: readonly ArtifactInput<"evaluation">[];
}

/** What is compared, and how surely. */
export interface CompareSettings {
  /** Name of the entry that the others are compared with; left out takes the first. */
  baseline?: string | undefined;
  /** With their cutoff, for example `ndcg@20`; left out or empty takes the server default. */
  metrics?: readonly string[] | undefined;
  /** Bootstrap samples and sign flips, at least 100; server default. */
  resamples?: number | undefined;
  /** Of the interval, in [0.5, 1); server default. */
  confidence?: number | undefined;
  /** 0 to 2^32 - 1; server default. */
  seed?: number | undefined;
  /** Threads of the worker, 1 to 256; left out lets the server choose. */
  threads?: number | undefined;
}
