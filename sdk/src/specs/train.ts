/** What a train run may ask for, as users write it. */

import type { BackboneSpec } from "./backbone.js";
import type { ArtifactInput, Device } from "./common.js";
import type { PolicySpec } from "./policy.js";
import type { SemanticIdsByVariant, Variant } from "./variant-names.js";

/** Trains a backbone on a prepared data set. */
export interface TrainSpec {
  /** `prep.dataset` of a preprocess result. */
  dataset: ArtifactInput<"dataset">;
  /**
   * Fills in what is left out: `backbone_paper` takes the setting of the backbone's own paper, `lghrec_paper` the common one of the
   * LGHRec paper; server default.
   */
  recipe?: "default" | "backbone_paper" | "lghrec_paper" | undefined;
  /** Made from the same data set; left out trains on ids only. */
  semanticIds?: ArtifactInput<"semantic_ids"> | undefined;
  backbone: BackboneSpec;
  /** Server default. */
  policy?: PolicySpec | undefined;
  /**
   * Variant of the method (LGHRec, Table 2). It decides `semanticIds`, `policy` and `fusion.method`; the other options
   * of the spec stay. Without it the spec is used as written.
   */
  variant?: Variant | undefined;
  /** For the variants `raw_text`, `base_cot`, `domain_cot`, `cot_task` and `mixed`; others ignore it. */
  semanticIdsByVariant?: SemanticIdsByVariant | undefined;
  fusion?: FusionSpec | undefined;
  optimizer?: OptimizerSpec | undefined;
  /** Width of an embedding; server default. */
  embeddingDim?: number | undefined;
  /** Interactions a step; server default. */
  batchSize?: number | undefined;
  /** At most this many, at least 1; server default. */
  epochs?: number | undefined;
  earlyStop?: EarlyStopSpec | undefined;
  checkpoint?: CheckpointSpec | undefined;
  /** 0 to 2^32 - 1; the same seed gives the same bits; server default. */
  seed?: number | undefined;
  /** Server default. */
  device?: Device | undefined;
  /** Threads of the worker, 1 to 256; left out lets the server choose. */
  threads?: number | undefined;
}

/** How semantic ids enter the item rows of the ego table. */
export interface FusionSpec {
  /** `concat_linear` is the paper's; `weighted_sum` learns one weight for both parts; server default. */
  method?: "concat_linear" | "weighted_sum" | undefined;
  /** Learning rate of the fusion weights as a share of the optimizer's, in (0, 100]; server default. */
  learningRateFactor?: number | undefined;
  /** Items nearest by semantic id from which an item's row takes, in [0, 1000]; server default 0: none. */
  neighbors?: number | undefined;
  /** What they count, all together, beside the item's own row, in [0, 10]; server default. */
  neighborWeight?: number | undefined;
}

/** Adam, unless told otherwise. */
export interface OptimizerSpec {
  /** Server default. */
  name?: "adam" | "adamw" | "sgd" | undefined;
  /** In (0, 100]; server default. */
  learningRate?: number | undefined;
  /** Weight of the squared norm of the batch's ego rows, 0 to 10; server default. */
  embeddingL2?: number | undefined;
  /** Decoupled decay of all parameters, 0 to 10, for `adamw`; server default. */
  weightDecay?: number | undefined;
}

/** When training ends before its last epoch. */
export interface EarlyStopSpec {
  /** A metric on the valid part, for example `ndcg@20`; server default. */
  metric?: string | undefined;
  /** Evaluations without a better value before the end, at least 1; server default. */
  patience?: number | undefined;
  /** Epochs from one evaluation to the next, at least 1; server default. */
  everyEpochs?: number | undefined;
}

/** When a checkpoint to go on from is committed. */
export interface CheckpointSpec {
  /** Epochs from one checkpoint to the next, at least 1; server default. */
  everyEpochs?: number | undefined;
}
