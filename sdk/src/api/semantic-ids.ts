/** Semantic ids as the client shows them: what a vector was made from, and what makes texts. */

import type { ArtifactInput, ArtifactRef } from "../specs/common.js";
import type { PreprocessSpec } from "../specs/preprocess.js";
import type { CallOptions, SubmitOptions } from "./options.js";
import type { EstimateResult, ItemStatus, PreviewResult } from "./preprocess.js";
import type { RunPromise } from "./run-handle.js";

export interface SemanticIdsApi {
  /** Everything behind one semantic id; `item` is the external id. */
  card(artifact: ArtifactInput<"semantic_ids">, item: string, options?: CallOptions): Promise<ItemCard>;
  /** Tokens, time and money that `client.preprocess` of this spec would take. Reads the data, generates nothing. */
  estimate(spec: TextsSpec, options?: SubmitOptions): RunPromise<"preprocess", EstimateResult>;
  /**
   * The texts of a sample of items (`semantic.generation.previewItems`), and an estimate from them. Calls the
   * language model for the sample; a later `client.preprocess` does not pay for those texts again.
   */
  preview(spec: TextsSpec, options?: SubmitOptions): RunPromise<"preprocess", PreviewResult>;
  /** What can write texts on this server, and whether it answers. */
  providers(options?: CallOptions): Promise<ProviderStatus[]>;
}

/** A spec that asks for semantic ids. */
export type TextsSpec = PreprocessSpec & { semantic: NonNullable<PreprocessSpec["semantic"]> };

export interface ItemCard {
  /** External id. */
  readonly item: string;
  /** The description that was read. */
  readonly text: string;
  /** The reasoning text; empty where there is none. */
  readonly reasoning: string;
  /** Stretches of `reasoning` that are quotes, in order. */
  readonly quotes: readonly QuoteSpan[];
  readonly keywords: readonly string[];
  /** Nearest first. */
  readonly neighbors: readonly NeighborItem[];
  readonly status: ItemStatus;
  /** For example `thin`, `truncated_input`, `repaired`. */
  readonly flags: readonly string[];
  readonly provenance: CardProvenance;
}

/** `reasoning.slice(start, end)` is the quote: offsets count as JavaScript strings do. */
export interface QuoteSpan {
  readonly start: number;
  readonly end: number;
  /** Found in the text word for word, after folding case, quotes and spaces. */
  readonly exact: boolean;
  /** Found with small differences. */
  readonly fuzzy: boolean;
}

export interface NeighborItem {
  /** External id. */
  readonly item: string;
  /** Cosine, in [-1, 1]. */
  readonly similarity: number;
  /** The start of its text. */
  readonly title: string;
}

/** Texts are empty and counts 0 where they do not apply. */
export interface CardProvenance {
  readonly provider: string;
  readonly model: string;
  readonly modelRevision: string;
  /** Name and version, for example `fig4@1`. */
  readonly prompt: string;
  readonly encoder: string;
  /** Key of the text in the server's cache, 64 hexadecimal digits. */
  readonly cacheKey: string;
  /** Calls made for it, failed ones too. */
  readonly attempts: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly semanticIds?: ArtifactRef<"semantic_ids">;
}

export interface ProviderStatus {
  /** As `semantic.text_source` names it. */
  readonly provider: string;
  /** Name of the endpoint in the server's configuration; empty for local providers. */
  readonly endpoint: string;
  /** Default model; empty where there is none. */
  readonly model: string;
  readonly available: boolean;
  /** Why it is not, and the cure; empty if it is. */
  readonly reason: string;
}
