/** What a preprocess run may ask for, as users write it. */

import type { SemanticSpec } from "./semantic.js";
import type { SourceSpec } from "./source.js";

/** Data set in, split and semantic ids out. */
export interface PreprocessSpec {
  source: SourceSpec;
  filter?: FilterSpec | undefined;
  split?: SplitSpec | undefined;
  /** Left out: no semantic ids are made. */
  semantic?: SemanticSpec | undefined;
}

/** Which interactions are kept; the steps come in this order. */
export interface FilterSpec {
  /** Keep interactions rated at least this much; left out keeps all. */
  minRating?: number | undefined;
  /** Seconds since 1970: keep interactions from then on; left out keeps all. */
  minTime?: number | undefined;
  /** Seconds since 1970, after `minTime`: keep interactions before then; left out keeps all. */
  maxTime?: number | undefined;
  /** Drop users with fewer interactions, once, 1 to 100,000; server default. */
  minUserInteractions?: number | undefined;
  /** Drop items with fewer interactions, once, 1 to 100,000; server default. */
  minItemInteractions?: number | undefined;
  /** Repeat until every user and item has at least this many interactions, 1 to 1000; server default. */
  kCore?: number | undefined;
}

/** How interactions are dealt out; the three shares add up to 1, and only the ratio methods and `temporal` take them. */
export interface SplitSpec {
  /** `given` needs `source.files` with `train` and `test`, or the format `adjacency`; server default. */
  method?: "ratio_per_user" | "ratio_global" | "temporal" | "leave_one_out" | "given" | undefined;
  /** Share in (0, 1]; server default. */
  train?: number | undefined;
  /** Share in [0, 1); server default. */
  valid?: number | undefined;
  /** Share in [0, 1); server default. */
  test?: number | undefined;
  /** 0 to 2^32 - 1; server default. */
  seed?: number | undefined;
}
