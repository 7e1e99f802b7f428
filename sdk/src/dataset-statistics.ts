/** What a data set holds, and how it came to be. */

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
