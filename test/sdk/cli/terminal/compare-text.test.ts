import type { CompareRow } from "lghrec";
import { describe, expect, it } from "vitest";
import { comparisonText } from "../../../../sdk/src/cli/terminal/compare-text.js";

const COUNTS = { numUsers: 12345, numSeeds: 1 };

const ROWS: CompareRow[] = [
  { name: "base", metric: "ndcg@20", mean: 0.25, ...COUNTS },
  {
    name: "full",
    metric: "ndcg@20",
    mean: 0.2625,
    difference: 0.0125,
    relativeDifference: 0.05,
    intervalLow: 0.01,
    intervalHigh: 0.015,
    pT: 0.001,
    pWilcoxon: 0.001,
    pPermutation: 0.00001,
    pHolm: 0.0002,
    ...COUNTS,
  },
  {
    name: "random",
    metric: "ndcg@20",
    mean: 0.2475,
    difference: -0.0025,
    relativeDifference: -0.01,
    intervalLow: -0.006,
    intervalHigh: 0.001,
    pPermutation: 0.25,
    pHolm: 1,
    ...COUNTS,
  },
];

const seeded = ROWS.map((row) => ({ ...row, numSeeds: 5, std: 0.002, ...(row.pHolm && { pSeeds: 0.04 }) }));

describe("comparisonText", () => {
  it("has a line for each entry, aligned columns, and marks the baseline", () => {
    expect(comparisonText(ROWS, { confidence: 0.95, width: 100 })).toMatchInlineSnapshot(`
      "ndcg@20    MEAN      DIFF      %        95% INTERVAL       P    HOLM
      base     0.2500  baseline
      full     0.2625   +0.0125  +5.00  [+0.0100, +0.0150]  <.0001   .0002  *
      random   0.2475   -0.0025  -1.00  [-0.0060, +0.0010]   .2500  1.0000

      12,345 users, 1 seed
      P: permutation test over users; HOLM: corrected for all rows, * below 0.05"
    `);
  });

  it("has deviations and tests over seeds if there are several seeds, and a block for each metric", () => {
    const both = [...seeded, ...seeded.map((row) => ({ ...row, metric: "recall@20" }))];
    expect(comparisonText(both, { width: 100 })).toMatchInlineSnapshot(`
      "ndcg@20    MEAN     STD      DIFF      %            INTERVAL       P    HOLM     SEEDS
      base     0.2500  0.0020  baseline
      full     0.2625  0.0020   +0.0125  +5.00  [+0.0100, +0.0150]  <.0001   .0002  *  .0400
      random   0.2475  0.0020   -0.0025  -1.00  [-0.0060, +0.0010]   .2500  1.0000     .0400

      recall@20    MEAN     STD      DIFF      %            INTERVAL       P    HOLM     SEEDS
      base       0.2500  0.0020  baseline
      full       0.2625  0.0020   +0.0125  +5.00  [+0.0100, +0.0150]  <.0001   .0002  *  .0400
      random     0.2475  0.0020   -0.0025  -1.00  [-0.0060, +0.0010]   .2500  1.0000     .0400

      12,345 users, 5 seeds
      P: permutation test over users; HOLM: corrected for all rows, * below 0.05; SEEDS: paired t test over seeds"
    `);
  });

  it.each([60, 80, 100])("fits %d columns and shortens long names", (width) => {
    const long = ROWS.map((row) => ({ ...row, name: `${row.name}, learningRate=0.001 contrastWeight=0.25` }));
    const lines = comparisonText(long, { confidence: 0.99, width }).split("\n");
    const table = lines.slice(0, 4);
    // a table that needs more than 60 columns without the names keeps all values
    expect(Math.max(...table.map((line) => line.length))).toBeLessThanOrEqual(Math.max(width, 80));
    expect(table[0]).toContain("99% INTERVAL");
    expect(table[2]).toMatch(/^full, .*\.\.\. /);
    expect(table[0]?.includes(" P ")).toBe(width >= 80);
  });

  it("reports that there are no rows", () => {
    expect(comparisonText([], { width: 80 })).toBe("nothing to compare");
  });
});
