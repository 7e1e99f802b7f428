/** Results of preprocess runs: messages of the contract -> what users see. */

import { missing, toRef } from "./convert-base.js";
import { toStatistics } from "./convert-statistics.js";
import type {
  SemanticEstimate as EstimateMessage,
  ItemPreview as PreviewMessage,
  SemanticQuality as QualityMessage,
  PreprocessResult as ResultMessage,
} from "./gen/lghrec/v1/preprocess_spec_pb.js";
import type {
  EstimateResult,
  ItemPreview,
  ItemStatus,
  PreprocessResult,
  PreviewResult,
  SemanticEstimate,
  SemanticQuality,
} from "./preprocess-result.js";

type Result = PreprocessResult | EstimateResult | PreviewResult;

/** A result with a data set is the whole; one with an estimate is that, or a preview. */
export function toPreprocessResult(message: ResultMessage, common: { reusedFromRunId?: string }): Result {
  const { dataset, semanticIds, estimate } = message;
  const head = { kind: "preprocess", ...common } as const;
  const statistics = message.statistics && { statistics: toStatistics(message.statistics) };
  const quality = message.quality && { quality: toQuality(message.quality) };
  if (estimate !== undefined && dataset === undefined) {
    const told = { ...head, ...statistics, estimate: toEstimate(estimate) };
    // The figures of a sample come with a preview, also with one that found no item to show.
    if (quality === undefined && message.preview.length === 0) return told;
    return { ...told, ...quality, preview: message.preview.map(toPreview) };
  }
  if (statistics === undefined) throw missing("the statistics of a data set");
  return {
    ...head,
    dataset: toRef<"dataset">(dataset),
    ...(semanticIds && { semanticIds: toRef<"semantic_ids">(semanticIds) }),
    ...statistics,
    ...quality,
  };
}

function toEstimate(message: EstimateMessage): SemanticEstimate {
  return {
    numItems: Number(message.numItems),
    numCalls: Number(message.numCalls),
    numCached: Number(message.numCached),
    inputTokens: Number(message.inputTokens),
    inputTokensExact: message.inputTokensExact,
    outputTokens: Number(message.outputTokens),
    seconds: message.seconds,
    ...(message.cost !== undefined && { cost: message.cost }),
    notes: [...message.notes],
  };
}

function toPreview({ item, text, reasoning, keywords, status, grounded }: PreviewMessage): ItemPreview {
  return { item, text, reasoning, keywords: [...keywords], status: status as ItemStatus, grounded };
}

function toQuality(message: QualityMessage): SemanticQuality {
  return {
    numItems: Number(message.numItems),
    valid: message.valid,
    repaired: message.repaired,
    fallback: message.fallback,
    groundedExact: message.groundedExact,
    groundedFuzzy: message.groundedFuzzy,
    duplicate: message.duplicate,
    meanCosine: message.meanCosine,
    effectiveRank: message.effectiveRank,
    numTruncated: Number(message.numTruncated),
  };
}
