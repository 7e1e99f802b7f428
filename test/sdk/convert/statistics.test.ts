import { create } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { toStatistics } from "../../../sdk/src/convert/preprocess.js";
import { DatasetStatisticsSchema } from "../../../sdk/src/gen/lghrec/v1/run_result_pb.js";

const KNOWLEDGE = {
  numTriples: 8,
  numMalformed: 0,
  numRemoved: 1,
  numUnreachable: 1,
  numPairs: 4,
  numEntities: 2,
  numItems: 3,
};
const INTERESTS = {
  numRows: 5,
  numMalformed: 0,
  numRemoved: 0,
  numUnknown: 1,
  numPairs: 3,
  numInterests: 2,
  numUsers: 2,
};

const bigints = (counts: Record<string, number>) =>
  Object.fromEntries(Object.entries(counts).map(([name, count]) => [name, BigInt(count)]));

describe("statistics of a data set", () => {
  it("contain the numbers of triples and interests", () => {
    const message = create(DatasetStatisticsSchema, {
      numUsers: 3n,
      knowledge: bigints(KNOWLEDGE),
      interests: bigints(INTERESTS),
    });
    expect(toStatistics(message)).toMatchObject({ numUsers: 3, knowledge: KNOWLEDGE, interests: INTERESTS });
  });

  it("leave out parts that the source does not have", () => {
    const statistics = toStatistics(create(DatasetStatisticsSchema, { numUsers: 3n }));
    expect(Object.keys(statistics)).not.toContain("knowledge");
    expect(Object.keys(statistics)).not.toContain("interests");
  });
});
