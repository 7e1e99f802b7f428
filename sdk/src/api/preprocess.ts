/** What a preprocess run made: a prepared data set, or an estimate, or a preview. */

import type { ArtifactRef } from "../specs/common.js";

interface PreprocessCommon {
  readonly kind: "preprocess";
  /** The run whose stored outputs were taken over, when the same work had been done before. */
  readonly reusedFromRunId?: string;
}

/** What `client.preprocess` makes. */
export interface PreprocessResult extends PreprocessCommon {
  readonly dataset: ArtifactRef<"dataset">;
  /** Absent when none were asked for. */
  readonly semanticIds?: ArtifactRef<"semantic_ids">;
  readonly statistics: DatasetStatistics;
  /** Present with `semanticIds`. */
  readonly quality?: SemanticQuality;
  readonly estimate?: undefined;
  readonly preview?: undefined;
}

/** What `client.semanticIds.estimate` makes; nothing is stored. */
export interface EstimateResult extends PreprocessCommon {
  readonly dataset?: undefined;
  readonly semanticIds?: undefined;
  readonly statistics?: DatasetStatistics;
  readonly quality?: undefined;
  readonly estimate: SemanticEstimate;
  readonly preview?: undefined;
}

/** What `client.semanticIds.preview` makes; its texts are kept in the server's cache, nothing else is stored. */
export interface PreviewResult extends PreprocessCommon {
  readonly dataset?: undefined;
  readonly semanticIds?: undefined;
  readonly statistics?: DatasetStatistics;
  /** Of the items previewed. */
  readonly quality?: SemanticQuality;
  /** Of the whole, with the output tokens and the time that the preview measured. */
  readonly estimate: SemanticEstimate;
  readonly preview: readonly ItemPreview[];
}

/** What making all texts would take. */
export interface SemanticEstimate {
  readonly numItems: number;
  /** Texts that are not in the server's cache yet. */
  readonly numCalls: number;
  readonly numCached: number;
  readonly inputTokens: number;
  /** True if counted by the model's own tokenizer. */
  readonly inputTokensExact: boolean;
  /** From the answers of a preview; 0 before one. */
  readonly outputTokens: number;
  readonly seconds: number;
  /** In the currency of the prices of the spec; absent without prices. */
  readonly cost?: number;
  /** What is not counted. */
  readonly notes: readonly string[];
}

/** How the text of an item came about: `fallback` is raw text in place of a failed answer, `missing` no text. */
export type ItemStatus = "ok" | "fallback" | "missing";

export interface ItemPreview {
  /** External id. */
  readonly item: string;
  /** The description that was read. */
  readonly text: string;
  /** The reasoning text; empty where there is none. */
  readonly reasoning: string;
  readonly keywords: readonly string[];
  readonly status: ItemStatus;
  /** True if every quote of the reasoning, and at least one, is in the text word for word. */
  readonly grounded: boolean;
}

/** Shares are of the items that have a text, in [0, 1]. */
export interface SemanticQuality {
  readonly numItems: number;
  readonly valid: number;
  readonly repaired: number;
  readonly fallback: number;
  /** Quotes found in the text word for word. */
  readonly groundedExact: number;
  /** Quotes found with small differences. */
  readonly groundedFuzzy: number;
  readonly duplicate: number;
  /** Mean cosine of pairs of vectors, in [-1, 1]. */
  readonly meanCosine: number;
  /** Of the vectors, at least 1. */
  readonly effectiveRank: number;
  /** Items whose text was cut for the encoder. */
  readonly numTruncated: number;
}

export interface DatasetStatistics {
  readonly numUsers: number;
  readonly numItems: number;
  readonly numInteractions: number;
  readonly numTrain: number;
  readonly numValid: number;
  readonly numTest: number;
  /** Rows read before filters and removal of duplicates. */
  readonly numRowsRead: number;
  readonly numDuplicates: number;
  /** Users without a train interaction. */
  readonly numColdUsers: number;
  /** Items without a train interaction. */
  readonly numColdItems: number;
  /** In the order in which they were applied. */
  readonly filters: readonly FilterStep[];
  /** SHA-256 over the three parts of the split, 64 hexadecimal digits. */
  readonly splitSha256: string;
  /** Absent where the source has none. */
  readonly knowledge?: KnowledgeStatistics;
  /** Absent where the source has none. */
  readonly interests?: InterestStatistics;
}

/** What became of the triples around items. */
export interface KnowledgeStatistics {
  /** Rows read. */
  readonly numTriples: number;
  /** Rows that were no triple. */
  readonly numBad: number;
  /** Triples of an item that a filter took away. */
  readonly numFallen: number;
  /** Pairs that no path leads to from an item. */
  readonly numUnreached: number;
  /** Pairs of the undirected graph that is kept. */
  readonly numPairs: number;
  readonly numEntities: number;
  /** Items with at least one pair. */
  readonly numItems: number;
}

/** What became of the interests of users. */
export interface InterestStatistics {
  /** Rows read. */
  readonly numRows: number;
  /** Rows that were no interest. */
  readonly numBad: number;
  /** Rows of a user that a filter took away. */
  readonly numFallen: number;
  /** Rows of a user that is in no interaction. */
  readonly numUnknown: number;
  /** Pairs of a user and an interest that are kept. */
  readonly numPairs: number;
  readonly numInterests: number;
  /** Users with at least one interest. */
  readonly numUsers: number;
}

export interface FilterStep {
  /** For example `k_core`. */
  readonly name: string;
  /** What was left after it. */
  readonly numInteractions: number;
}

export interface DatasetStatistics {
  readonly numUsers: number;
  readonly numItems: number;
  readonly numInteractions: number;
  readonly numTrain: number;
  readonly numValid: number;
  readonly numTest: number;
  /** Rows read before filters and removal of duplicates. */
  readonly numRowsRead: number;
  readonly numDuplicates: number;
  /** Users without a train interaction. */
  readonly numColdUsers: number;
  /** Items without a train interaction. */
  readonly numColdItems: number;
  /** In the order in which they were applied. */
  readonly filters: readonly FilterStep[];
  /** SHA-256 over the three parts of the split, 64 hexadecimal digits. */
  readonly splitSha256: string;
  /** Absent where the source has none. */
  readonly knowledge?: KnowledgeStatistics;
  /** Absent where the source has none. */
  readonly interests?: InterestStatistics;
}

/** What became of the triples around items. */
export interface KnowledgeStatistics {
  /** Rows read. */
  readonly numTriples: number;
  /** Rows that were no triple. */
  readonly numBad: number;
  /** Triples of an item that a filter took away. */
  readonly numFallen: number;
  /** Pairs that no path leads to from an item. */
  readonly numUnreached: number;
  /** Pairs of the undirected graph that is kept. */
  readonly numPairs: number;
  readonly numEntities: number;
  /** Items with at least one pair. */
  readonly numItems: number;
}

/** What became of the interests of users. */
export interface InterestStatistics {
  /** Rows read. */
  readonly numRows: number;
  /** Rows that were no interest. */
  readonly numBad: number;
  /** Rows of a user that a filter took away. */
  readonly numFallen: number;
  /** Rows of a user that is in no interaction. */
  readonly numUnknown: number;
  /** Pairs of a user and an interest that are kept. */
  readonly numPairs: number;
  readonly numInterests: number;
  /** Users with at least one interest. */
  readonly numUsers: number;
}

export interface FilterStep {
  /** For example `k_core`. */
  readonly name: string;
  /** What was left after it. */
  readonly numInteractions: number;
}
