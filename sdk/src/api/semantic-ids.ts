/** Types of semantic ids: item cards, estimates, previews and providers of texts. */

import type { ArtifactInput, ArtifactRef } from "../specs/common.js";
import type { PreprocessSpec } from "../specs/gen/preprocess.js";
import type { CallOptions, SubmitOptions } from "./options.js";
import type { EstimateResult, ItemStatus, PreviewResult } from "./preprocess.js";
import type { RunPromise } from "./run-handle.js";

/** Inspects semantic ids, and estimates their cost. Access it as `client.semanticIds`. */
export interface SemanticIdsApi {
  /**
   * Returns the text, quotes, keywords, nearest items and provenance of one semantic id.
   *
   * @param artifact The semantic ids, for example `result.semanticIds` of a {@link PreprocessResult}.
   * @param item Item id as it appears in the data.
   * @throws NotFoundError for an unknown artifact or item.
   */
  card(artifact: ArtifactInput<"semantic_ids">, item: string, options?: CallOptions): Promise<ItemCard>;
  /**
   * Estimates the tokens, time and cost of `client.preprocess` with this spec. Reads the data and generates no text.
   *
   * @throws InvalidArgumentError for a spec without `semantic`.
   */
  estimate(spec: TextsSpec, options?: SubmitOptions): RunPromise<"preprocess", EstimateResult>;
  /**
   * Generates the texts of a sample of `semantic.generation.previewItems` items, and estimates the rest from them.
   * The server caches these texts: a later `client.preprocess` does not pay for them again.
   *
   * @throws InvalidArgumentError for a spec without `semantic`.
   */
  preview(spec: TextsSpec, options?: SubmitOptions): RunPromise<"preprocess", PreviewResult>;
  /** Lists the providers of texts that the server has, and whether each is available. */
  providers(options?: CallOptions): Promise<ProviderStatus[]>;
}

/** A preprocess spec with `semantic`. */
export type TextsSpec = PreprocessSpec & { semantic: NonNullable<PreprocessSpec["semantic"]> };

/** The text behind one semantic id, and where it comes from. */
export interface ItemCard {
  /** Item id as it appears in the data. */
  readonly item: string;
  /** The description that the provider received. */
  readonly text: string;
  /** The reasoning text (chain of thought). Empty if there is none. */
  readonly reasoning: string;
  /** Positions of the quotes in `reasoning`, in ascending order. */
  readonly quotes: readonly QuoteSpan[];
  readonly keywords: readonly string[];
  /** Items with the nearest vectors, nearest first. */
  readonly neighbors: readonly NeighborItem[];
  readonly status: ItemStatus;
  /** For example `thin`, `truncated_input`, `repaired`. */
  readonly flags: readonly string[];
  readonly provenance: CardProvenance;
}

/** A quote is `reasoning.slice(start, end)`: the offsets count UTF-16 units, as JavaScript strings do. */
export interface QuoteSpan {
  readonly start: number;
  readonly end: number;
  /** True if the description contains the quote word for word, after case, quotes and spaces are normalised. */
  readonly exact: boolean;
  /** True if the description contains the quote with small differences. */
  readonly fuzzy: boolean;
}

/** An item with a similar semantic id. */
export interface NeighborItem {
  /** Item id as it appears in the data. */
  readonly item: string;
  /** Cosine of the two vectors, in [-1, 1]. */
  readonly similarity: number;
  /** Beginning of the item's description. */
  readonly title: string;
}

/** How a text was generated and encoded. Strings are empty and counts are 0 where they do not apply. */
export interface CardProvenance {
  readonly provider: string;
  readonly model: string;
  readonly modelRevision: string;
  /** Name and version of the prompt, for example `fig4@1`. */
  readonly prompt: string;
  readonly encoder: string;
  /** Key of the text in the server's cache, 64 hexadecimal digits. */
  readonly cacheKey: string;
  /** Number of calls for this text, failed calls included. */
  readonly attempts: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly semanticIds?: ArtifactRef<"semantic_ids">;
}

/** A provider of texts, and whether the server can use it. */
export interface ProviderStatus {
  /** Name of the provider, as `semantic.textSource` uses it. */
  readonly provider: string;
  /** Name of the endpoint in the server's configuration. Empty for local providers. */
  readonly endpoint: string;
  /** Default model. Empty if there is none. */
  readonly model: string;
  readonly available: boolean;
  /** Why the provider is not available, and how to correct it. Empty if it is available. */
  readonly reason: string;
}
