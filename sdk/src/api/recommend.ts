/** Types of recommendations: lists of items that a trained model returns without a run. */

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
