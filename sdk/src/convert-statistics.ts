/** Statistics of a data set: messages of the contract -> what users see. */

import type { DatasetStatistics, InterestStatistics, KnowledgeStatistics } from "./dataset-statistics.js";
import type {
  InterestStatistics as InterestMessage,
  KnowledgeStatistics as KnowledgeMessage,
  DatasetStatistics as StatisticsMessage,
} from "./gen/lghrec/v1/preprocess_spec_pb.js";

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
    numBad: Number(message.numBad),
    numFallen: Number(message.numFallen),
    numUnreached: Number(message.numUnreached),
    numPairs: Number(message.numPairs),
    numEntities: Number(message.numEntities),
    numItems: Number(message.numItems),
  };
}

function toInterests(message: InterestMessage): InterestStatistics {
  return {
    numRows: Number(message.numRows),
    numBad: Number(message.numBad),
    numFallen: Number(message.numFallen),
    numUnknown: Number(message.numUnknown),
    numPairs: Number(message.numPairs),
    numInterests: Number(message.numInterests),
    numUsers: Number(message.numUsers),
  };
}
