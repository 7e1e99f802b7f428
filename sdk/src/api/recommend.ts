/** Answers of a trained model without a run, as the client shows them. */

import type { ArtifactInput } from "../specs/common.js";

export interface RecommendRequest {
  /** `result.model` of a train result. */
  model: ArtifactInput<"model">;
  /** Ids as they are in the data, at most 1000. */
  users: readonly string[];
  /** Items a list, 1 to 1000; server default. */
  k?: number | undefined;
  /** Also items that the user has seen in train or valid; false. */
  includeSeen?: boolean | undefined;
}

export interface SimilarItemsRequest {
  /** `result.model` of a train result. */
  model: ArtifactInput<"model">;
  /** Id as it is in the data. */
  item: string;
  /** 1 to 1000; server default. */
  k?: number | undefined;
}

export interface ScoredItem {
  /** Id as it is in the data. */
  readonly item: string;
  /** Dot product of the final embeddings; of similar items their cosine. */
  readonly score: number;
}

export interface UserItems {
  readonly user: string;
  /** Best first; none for a user that is not known. */
  readonly items: readonly ScoredItem[];
  /** False for a user that the model has never met. */
  readonly known: boolean;
}
