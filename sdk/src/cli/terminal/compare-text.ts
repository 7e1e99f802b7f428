/** Formats a comparison for the terminal, without colour. */

import type { CompareRow } from "../../index.js";

export interface TableOptions {
  /** Confidence level of the interval, in (0, 1). Undefined if it is unknown. */
  readonly confidence?: number | undefined;
  /** Number of characters per line. */
  readonly width: number;
}

interface Column {
  readonly heading: string;
  readonly cells: readonly string[];
}

const GAP = "  ";
const MIN_NAME = 12;
const SIGNIFICANT = 0.05;

/** Returns one block for each metric, with the entries in their order, and a line that explains the columns. */
export function comparisonText(rows: readonly CompareRow[], options: TableOptions): string {
  if (rows.length === 0) return "nothing to compare";
  const metrics = [...new Set(rows.map(({ metric }) => metric))];
  const blocks = metrics.map((metric) =>
    block(
      metric,
      rows.filter((row) => row.metric === metric),
      options,
    ),
  );
  return [...blocks, legend(rows)].join("\n\n");
}

function block(metric: string, rows: readonly CompareRow[], { confidence, width }: TableOptions): string {
  const interval =
    confidence === undefined ? "INTERVAL" : `${Number((100 * confidence).toFixed(2))}% INTERVAL`;
  const all: Column[] = [
    { heading: "MEAN", cells: rows.map(({ mean }) => mean.toFixed(4)) },
    { heading: "STD", cells: rows.map(({ std }) => std?.toFixed(4) ?? "") },
    {
      heading: "DIFF",
      cells: rows.map(({ difference: d }) => (d === undefined ? "baseline" : signed(d, 4))),
    },
    {
      heading: "%",
      cells: rows.map(({ relativeDifference: d }) => (d === undefined ? "" : signed(100 * d, 2))),
    },
    { heading: interval, cells: rows.map(intervalText) },
    { heading: "P", cells: rows.map(({ pPermutation }) => pText(pPermutation)) },
    { heading: "HOLM", cells: rows.map(({ pHolm }) => pText(pHolm)) },
    { heading: "", cells: rows.map(({ pHolm }) => (pHolm !== undefined && pHolm < SIGNIFICANT ? "*" : "")) },
    { heading: "SEEDS", cells: rows.map(({ pSeeds }) => pText(pSeeds)) },
  ];
  const filled = all.filter(({ cells }) => cells.some((cell) => cell !== ""));
  // If the lines are too long, the uncorrected p values are left out first.
  const columns =
    widthOf(filled) + MIN_NAME > width ? filled.filter(({ heading }) => heading !== "P") : filled;
  const room = Math.max(MIN_NAME, width - widthOf(columns));
  const names = [metric, ...rows.map(({ name }) => shortened(name, room))];
  const left = Math.max(...names.map((name) => name.length));
  const lines = names.map((name, line) => {
    const cells = columns.map(({ heading, cells: values }) => {
      const cell = line === 0 ? heading : (values[line - 1] ?? "");
      return cell.padStart(columnWidth({ heading, cells: values }));
    });
    return [name.padEnd(left), ...cells].join(GAP).trimEnd();
  });
  return lines.join("\n");
}

function legend(rows: readonly CompareRow[]): string {
  const users = [...new Set(rows.map(({ numUsers }) => numUsers))].map((count) =>
    count.toLocaleString("en-US"),
  );
  const maxSeeds = Math.max(...rows.map(({ numSeeds }) => numSeeds));
  const seeds = rows.some(({ pSeeds }) => pSeeds !== undefined) ? "; SEEDS: paired t test over seeds" : "";
  const size = `${users.join(", ")} users, ${maxSeeds} ${maxSeeds === 1 ? "seed" : "seeds"}`;
  return `${size}\nP: permutation test over users; HOLM: corrected for all rows, * below 0.05${seeds}`;
}

function intervalText({ intervalLow: low, intervalHigh: high }: CompareRow): string {
  return low === undefined || high === undefined ? "" : `[${signed(low, 4)}, ${signed(high, 4)}]`;
}

function signed(value: number, digits: number): string {
  return `${value < 0 ? "" : "+"}${value.toFixed(digits)}`;
}

function pText(p: number | undefined): string {
  if (p === undefined) return "";
  return p < 1e-4 ? "<.0001" : p.toFixed(4).replace(/^0/, "");
}

function columnWidth({ heading, cells }: Column): number {
  return Math.max(heading.length, ...cells.map((cell) => cell.length));
}

function widthOf(columns: readonly Column[]): number {
  return columns.reduce((sum, column) => sum + GAP.length + columnWidth(column), 0);
}

function shortened(name: string, room: number): string {
  return name.length <= room ? name : `${name.slice(0, room - 3)}...`;
}
