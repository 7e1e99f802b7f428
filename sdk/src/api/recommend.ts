/** Types of recommendations: lists of items that a trained model returns without a run. */

import type { ArtifactInput } from "../specs/common.js";

/** Request of `client.recommend`. */
export interface RecommendRequest {
  /** The model, for example `result.model` of a {@link TrainResult}. */
  model: ArtifactInput<"model">;
  /** User ids as they appear in the data, at most 1000. */
  users: readonly string[];
  /** Number of items per user, 1 to 1000. The default is the server's, 10. */
  k?: number | undefined;
  /** Also return items that the user has seen in the train or valid part. The default is false. */
  includeSeen?: boolean | undefined;
}

/** Request of `client.similarItems`. */
export interface SimilarItemsRequest {
  /** The model, for example `result.model` of a {@link TrainResult}. */
  model: ArtifactInput<"model">;
  /** Item id as it appears in the data. */
  item: string;
  /** Number of items, 1 to 1000. The default is the server's, 10. */
  k?: number | undefined;
}

export interface ScoredItem {
  /** Item id as it appears in the data. */
  readonly item: string;
  /** Dot product of the final user and item embeddings. For similar items: cosine of the two item embeddings. */
  readonly score: number;
}

/** The recommended items of one user. */
export interface UserItems {
  /** User id as it appears in the data. */
  readonly user: string;
  /** Highest score first. Empty for an unknown user. */
  readonly items: readonly ScoredItem[];
  /** False if the user is not in the model's training data. */
  readonly known: boolean;
}
