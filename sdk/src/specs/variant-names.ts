/** Names of the variants of the method. */

import type { ArtifactInput } from "./common.js";

/** Variants of the method; `full` is LGHRec, `random` the control to beat. */
export type MethodVariant =
  | "base"
  | "dseg"
  | "random"
  | "no_dseg"
  | "no_adaptive_tau"
  | "random_neg"
  | "no_harm"
  | "grpo"
  | "full";

/** Variants of the semantic ids' texts, each with the whole method on top. */
export type TextVariant = "raw_text" | "base_cot" | "domain_cot" | "cot_task" | "mixed";

/** What a train run leaves out or replaces; `weighted_sum` is the whole method with another fusion. */
export type Variant = MethodVariant | TextVariant | "weighted_sum";

/** Semantic ids made from other texts, by the variant that trains on them. */
export type SemanticIdsByVariant = Readonly<Partial<Record<TextVariant, ArtifactInput<"semantic_ids">>>>;
