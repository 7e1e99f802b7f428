/** Types of preprocess results: a prepared data set, an estimate, or a preview. */

import type { ArtifactRef } from "../specs/common.js";

interface PreprocessCommon {
  readonly kind: "preprocess";
  /** Id of the earlier run whose stored outputs this run reuses. Absent if the run did the work itself. */
  readonly reusedFromRunId?: string;
}

/** Result of `client.preprocess`. */
export interface PreprocessResult extends PreprocessCommon {
  /** The prepared data set, for {@link TrainSpec.dataset}. */
  readonly dataset: ArtifactRef<"dataset">;
  /** Absent if the spec has no `semantic`. */
  readonly semanticIds?: ArtifactRef<"semantic_ids">;
  readonly statistics: DatasetStatistics;
  /** Present together with `semanticIds`. */
  readonly quality?: SemanticQuality;
  readonly estimate?: undefined;
  readonly preview?: undefined;
}

/** Result of {@link SemanticIdsApi.estimate}. Nothing is stored. */
export interface EstimateResult extends PreprocessCommon {
  readonly dataset?: undefined;
  readonly semanticIds?: undefined;
  readonly statistics?: DatasetStatistics;
  readonly quality?: undefined;
  readonly estimate: SemanticEstimate;
  readonly preview?: undefined;
}

/** Result of {@link SemanticIdsApi.preview}. The server caches the texts, and stores nothing else. */
export interface PreviewResult extends PreprocessCommon {
  readonly dataset?: undefined;
  readonly semanticIds?: undefined;
  readonly statistics?: DatasetStatistics;
  /** Quality of the previewed items. */
  readonly quality?: SemanticQuality;
  /** Estimate for all items, with output tokens and time extrapolated from the preview. */
  readonly estimate: SemanticEstimate;
  readonly preview: readonly ItemPreview[];
}

/** What the generation of all texts would cost. */
export interface SemanticEstimate {
  readonly numItems: number;
  /** Number of texts that are not in the server's cache yet. */
  readonly numCalls: number;
  readonly numCached: number;
  readonly inputTokens: number;
  /** True if the tokens were counted with the model's own tokenizer. */
  readonly inputTokensExact: boolean;
  /** Extrapolated from the answers of a preview. 0 without a preview. */
  readonly outputTokens: number;
  readonly seconds: number;
  /** In the currency of the prices in the spec. Absent without prices. */
  readonly cost?: number;
  /** Costs that the estimate does not include. */
  readonly notes: readonly string[];
}

/**
 * Origin of an item's text: `ok` if it was generated, `fallback` if the raw description replaces a failed answer,
 * `missing` if the item has no text.
 */
export type ItemStatus = "ok" | "fallback" | "missing";

/** The generated text of one item in a preview. */
export interface ItemPreview {
  /** Item id as it appears in the data. */
  readonly item: string;
  /** The description that the provider received. */
  readonly text: string;
  /** The reasoning text (chain of thought). Empty if there is none. */
  readonly reasoning: string;
  readonly keywords: readonly string[];
  readonly status: ItemStatus;
  /** True if the reasoning has at least one quote and the description contains all of them word for word. */
  readonly grounded: boolean;
}

/** Quality of semantic ids. Fractions are in [0, 1]. */
export interface SemanticQuality {
  /** Number of items with a description. The next three fractions relate to it. */
  readonly numItems: number;
  /** Fraction of items with a valid answer. */
  readonly valid: number;
  /** Fraction of items whose answer was repaired. */
  readonly repaired: number;
  /** Fraction of items whose raw description replaces a failed answer. */
  readonly fallback: number;
  /** Fraction of quotes that the description contains word for word. */
  readonly groundedExact: number;
  /** Fraction of quotes that the description contains with small differences. */
  readonly groundedFuzzy: number;
  /** Fraction of generated texts that an item with another description has too. */
  readonly duplicate: number;
  /** Mean cosine of pairs of vectors, in [-1, 1]. 0 in a preview, which computes no vectors. */
  readonly meanCosine: number;
  /** Effective rank of the vectors, at least 1. 0 in a preview. */
  readonly effectiveRank: number;
  /** Number of items whose text was truncated for the encoder. */
  readonly numTruncated: number;
}

/** Size of a data set, and what each step of its preparation removed. */
export interface DatasetStatistics {
  readonly numUsers: number;
  readonly numItems: number;
  readonly numInteractions: number;
  readonly numTrain: number;
  readonly numValid: number;
  readonly numTest: number;
  /** Number of rows read, before filters and before duplicates are removed. */
  readonly numRowsRead: number;
  readonly numDuplicates: number;
  /** Number of users without a train interaction. */
  readonly numColdUsers: number;
  /** Number of items without a train interaction. */
  readonly numColdItems: number;
  /** In the order in which the filters were applied. */
  readonly filters: readonly FilterStep[];
  /** SHA-256 of the three parts of the split, 64 hexadecimal digits. */
  readonly splitSha256: string;
  /** Absent if the source has no knowledge graph. */
  readonly knowledge?: KnowledgeStatistics;
  /** Absent if the source has no interests of users. */
  readonly interests?: InterestStatistics;
}

/** Numbers of triples of the knowledge graph. */
export interface KnowledgeStatistics {
  /** Number of rows read. */
  readonly numTriples: number;
  /** Number of rows that are not a triple. */
  readonly numMalformed: number;
  /** Number of triples whose item was removed by a filter. */
  readonly numRemoved: number;
  /** Number of pairs that no path from an item reaches. */
  readonly numUnreachable: number;
  /** Number of pairs in the undirected graph that was kept. */
  readonly numPairs: number;
  readonly numEntities: number;
  /** Number of items with at least one pair. */
  readonly numItems: number;
}

/** Numbers of interests of users. */
export interface InterestStatistics {
  /** Number of rows read. */
  readonly numRows: number;
  /** Number of rows that are not an interest. */
  readonly numMalformed: number;
  /** Number of rows whose user was removed by a filter. */
  readonly numRemoved: number;
  /** Number of rows whose user has no interaction. */
  readonly numUnknown: number;
  /** Number of pairs of a user and an interest that were kept. */
  readonly numPairs: number;
  readonly numInterests: number;
  /** Number of users with at least one interest. */
  readonly numUsers: number;
}

/** One filter of a preprocess run. */
export interface FilterStep {
  /** For example `k_core`. */
  readonly name: string;
  /** Number of interactions after the filter. */
  readonly numInteractions: number;
}
