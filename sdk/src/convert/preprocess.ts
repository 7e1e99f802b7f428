/** Converts messages to results of preprocess runs. */

import type {
  DatasetStatistics,
  EstimateResult,
  InterestStatistics,
  ItemPreview,
  ItemStatus,
  KnowledgeStatistics,
  PreprocessResult,
  PreviewResult,
  SemanticEstimate,
  SemanticQuality,
} from "../api/preprocess.js";
import type {
  SemanticEstimate as EstimateMessage,
  InterestStatistics as InterestMessage,
  KnowledgeStatistics as KnowledgeMessage,
  ItemPreview as PreviewMessage,
  SemanticQuality as QualityMessage,
  PreprocessResult as ResultMessage,
  DatasetStatistics as StatisticsMessage,
} from "../gen/lghrec/v1/run_result_pb.js";
import { missingField, toRef } from "./base.js";

type Result = PreprocessResult | EstimateResult | PreviewResult;

/** A message with a data set is a full result. A message with only an estimate is an estimate or a preview. */
export function toPreprocessResult(message: ResultMessage, common: { reusedFromRunId?: string }): Result {
  const { dataset, semanticIds, estimate } = message;
  const head = { kind: "preprocess", ...common } as const;
  const statistics = message.statistics && { statistics: toStatistics(message.statistics) };
  const quality = message.quality && { quality: toQuality(message.quality) };
  if (estimate !== undefined && dataset === undefined) {
    const estimated = { ...head, ...statistics, estimate: toEstimate(estimate) };
    // A preview has a quality, even if its sample contains no item to show.
    if (quality === undefined && message.preview.length === 0) return estimated;
    return { ...estimated, ...quality, preview: message.preview.map(toPreview) };
  }
  if (statistics === undefined) throw missingField("the statistics of a data set");
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

export function toStatistics(message: StatisticsMessage): DatasetStatistics {
  const { knowledge, interests } = message;
  return {
    numUsers: Number(message.numUsers),
    numItems: Number(message.numItems),
    numInteractions: Number(message.numInteractions),
    numTrain: Number(message.numTrain),
    numValid: Number(message.numValid),
    numTest: Number(message.numTest),
    numRowsRead: Number(message.numRowsRead),
    numDuplicates: Number(message.numDuplicates),
    numColdUsers: Number(message.numColdUsers),
    numColdItems: Number(message.numColdItems),
    filters: message.filters.map((step) => ({
      name: step.name,
      numInteractions: Number(step.numInteractions),
    })),
    splitSha256: message.splitSha256,
    ...(knowledge && { knowledge: toKnowledge(knowledge) }),
    ...(interests && { interests: toInterests(interests) }),
  };
}

function toKnowledge(message: KnowledgeMessage): KnowledgeStatistics {
  return {
    numTriples: Number(message.numTriples),
    numMalformed: Number(message.numMalformed),
    numRemoved: Number(message.numRemoved),
    numUnreachable: Number(message.numUnreachable),
    numPairs: Number(message.numPairs),
    numEntities: Number(message.numEntities),
    numItems: Number(message.numItems),
  };
}

function toInterests(message: InterestMessage): InterestStatistics {
  return {
    numRows: Number(message.numRows),
    numMalformed: Number(message.numMalformed),
    numRemoved: Number(message.numRemoved),
    numUnknown: Number(message.numUnknown),
    numPairs: Number(message.numPairs),
    numInterests: Number(message.numInterests),
    numUsers: Number(message.numUsers),
  };
}
