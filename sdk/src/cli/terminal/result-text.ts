/** What a run made, as a person reads it. */

import type { RunResult, SemanticEstimate, SemanticQuality } from "../../index.js";
import { previewText } from "./card-text.js";
import { comparisonText } from "./compare-text.js";
import { span } from "./status-line.js";
import { rows } from "./table.js";

const WIDTH = 100;

export function resultText(runId: string, result: RunResult): string {
  if (result.kind === "compare") {
    const { rows: figures, ...rest } = result;
    return `${rows({ run: runId, ...rest })}\n\n${comparisonText(figures, { width: WIDTH })}`;
  }
  if (result.kind !== "preprocess") return rows({ run: runId, ...result });
  if (result.estimate === undefined) {
    const { statistics } = result;
    const filters = Object.fromEntries(statistics.filters.map((step) => [step.name, step.numInteractions]));
    return rows({ run: runId, ...result, statistics: { ...statistics, filters } });
  }
  const figures = rows({ run: runId, ...estimateRows(result.estimate) });
  if (result.preview === undefined) return figures;
  const shown = result.preview.map(previewText).join("\n\n");
  const quality = result.quality ? `\n\nof these items: ${qualityLine(result.quality)}` : "";
  return `${shown}${quality}\n\nall items would take\n${figures}`;
}

function estimateRows(estimate: SemanticEstimate): Record<string, string | readonly string[]> {
  const { numItems, numCalls, numCached, inputTokens, outputTokens, notes } = estimate;
  const unknown = (when: string) => (numCalls === 0 ? "none" : `not known ${when}`);
  return {
    items: count(numItems),
    "texts to write": `${count(numCalls)} (${count(numCached)} are in the cache)`,
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
    "fallen back": quality.fallback,
    "quotes word for word": quality.groundedExact,
    "quotes nearly so": quality.groundedFuzzy,
    doubles: quality.duplicate,
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
