/** What an evaluate run may ask for, as users write it. */

import type { ArtifactInput, Device, SeenMask } from "./common.js";

/** Ranks all items for every user and scores the lists. Exactly one of `model` and `predictions`. */
export type EvaluateSpec = ModelEvaluation | PredictionsEvaluation;

export interface ModelEvaluation extends EvaluateSettings {
  /** `result.model` of a train result. */
  model: ArtifactInput<"model">;
  predictions?: undefined;
}

export interface PredictionsEvaluation extends EvaluateSettings {
  model?: undefined;
  /** Scores that another program has given. */
  predictions: PredictionsSpec;
}

/** How lists are made and scored, whatever they are of. */
export interface EvaluateSettings {
  /** Lengths of the lists, each 1 to 1000; left out or empty takes the server default. */
  cutoffs?: readonly number[] | undefined;
  /** Server default. */
  split?: "test" | "valid" | undefined;
  /** Left out: train and valid items at `test`, train items at `valid`. */
  mask?: SeenMask | undefined;
  /** Leave out held-out items that no train interaction has; inflates the figures; server default. */
  dropUnseen?: boolean | undefined;
  /** Without their cutoff, for example `ndcg` or `coverage`; left out or empty takes all. */
  metrics?: readonly string[] | undefined;
  /** Server default. */
  device?: Device | undefined;
  /** Threads of the worker, 1 to 256; left out lets the server choose. */
  threads?: number | undefined;
}

/**
 * A file with one row for each user and item that another program would recommend, the higher the score the
 * better: delimited text, JSONL or Parquet. Exactly one of `path` and `upload`.
 */
export interface PredictionsSpec {
  /** The prepared data set that they are of. */
  dataset: ArtifactInput<"dataset">;
  /** A file or folder on the server, under one of its import roots. */
  path?: string | undefined;
  /** What `client.datasets.upload` returned, or the id of an uploaded data set. */
  upload?: ArtifactInput<"source"> | undefined;
  /** File inside it; left out takes the only one. */
  file?: string | undefined;
  columns?: PredictionColumns | undefined;
}

/** Names of columns; for delimited text without a header their numbers as text, from `"0"`. */
export interface PredictionColumns {
  /** Server default. */
  user?: string | undefined;
  /** Server default. */
  item?: string | undefined;
  /** Server default. */
  score?: string | undefined;
  /** Of delimited text; left out finds it out. */
  separator?: string | undefined;
}
