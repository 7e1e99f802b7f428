/** Formats the result of a run for the terminal. */

import type { RunResult, SemanticEstimate, SemanticQuality } from "../../index.js";
import { previewText } from "./card-text.js";
import { comparisonText } from "./compare-text.js";
import { span } from "./status-line.js";
import { rows } from "./table.js";

const WIDTH = 100;

export function resultText(runId: string, result: RunResult): string {
  if (result.kind === "compare") {
    const { rows: compareRows, ...rest } = result;
    return `${rows({ run: runId, ...rest })}\n\n${comparisonText(compareRows, { width: WIDTH })}`;
  }
  if (result.kind !== "preprocess") return rows({ run: runId, ...result });
  if (result.estimate === undefined) {
    const { statistics } = result;
    const filters = Object.fromEntries(statistics.filters.map((step) => [step.name, step.numInteractions]));
    return rows({ run: runId, ...result, statistics: { ...statistics, filters } });
  }
  const estimate = rows({ run: runId, ...estimateRows(result.estimate) });
  if (result.preview === undefined) return estimate;
  const shown = result.preview.map(previewText).join("\n\n");
  const quality = result.quality ? `\n\nquality of these items: ${qualityLine(result.quality)}` : "";
  return `${shown}${quality}\n\nestimate for all items\n${estimate}`;
}

function estimateRows(estimate: SemanticEstimate): Record<string, string | readonly string[]> {
  const { numItems, numCalls, numCached, inputTokens, outputTokens, notes } = estimate;
  const unknown = (when: string) => (numCalls === 0 ? "none" : `unknown ${when}`);
  return {
    items: count(numItems),
    "texts to generate": `${count(numCalls)} (${count(numCached)} are in the cache)`,
    "input tokens": `${estimate.inputTokensExact ? "" : "about "}${count(inputTokens)}`,
    "output tokens": outputTokens > 0 ? `about ${count(outputTokens)}` : unknown("before a preview"),
    time: estimate.seconds > 0 ? `about ${span(estimate.seconds * 1000)}` : unknown("before a preview"),
    cost: estimate.cost === undefined ? unknown("without prices") : String(round(estimate.cost)),
    ...(notes.length > 0 && { notes: notes.join("; ") }),
  };
}

function qualityLine(quality: SemanticQuality): string {
  const shares = {
    valid: quality.valid,
    repaired: quality.repaired,
    fallback: quality.fallback,
    "exact quotes": quality.groundedExact,
    "similar quotes": quality.groundedFuzzy,
    duplicate: quality.duplicate,
  };
  return Object.entries(shares)
    .map(([name, share]) => `${name} ${Math.round(100 * share)}%`)
    .join(", ");
}

function count(value: number): string {
  return value.toLocaleString("en-US");
}

function round(value: number): number {
  return Number(value.toPrecision(3));
}
