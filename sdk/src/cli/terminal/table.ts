/** Formats records and tables for the terminal. */

import type { RunInfo } from "../../index.js";

/** Formats a record as rows of name and value. Nested records have dotted names. */
export function rows(record: object): string {
  const pairs = flatten(record, "");
  const width = Math.max(0, ...pairs.map(([name]) => name.length));
  return pairs.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join("\n");
}

function flatten(record: object, prefix: string): [string, string][] {
  return Object.entries(record).flatMap(([key, value]): [string, string][] => {
    const name = prefix + key;
    if (value === undefined || value === null) return [];
    if (value instanceof Date) return [[name, value.toISOString()]];
    if (Array.isArray(value)) return [[name, value.map(cell).join(", ")]];
    // Only the id of an artifact is shown, since other commands take the id.
    if (isReference(value)) return [[name, value.id]];
    return typeof value === "object" ? flatten(value, `${name}.`) : [[name, cell(value)]];
  });
}

function isReference(value: unknown): value is { id: string } {
  return (
    typeof value === "object" && value !== null && "id" in value && "kind" in value && "sizeBytes" in value
  );
}

function cell(value: unknown): string {
  if (typeof value === "object" && value !== null) return JSON.stringify(value);
  return typeof value === "number" && !Number.isInteger(value)
    ? String(Number(value.toPrecision(6)))
    : String(value);
}

/** Formats lines as columns under headings. Each column is as wide as its widest cell. */
export function table(headings: readonly string[], lines: readonly (readonly string[])[]): string {
  const all = [headings, ...lines];
  const widths = headings.map((_, column) => Math.max(...all.map((line) => line[column]?.length ?? 0)));
  const pad = (text: string, column: number) => text.padEnd(widths[column] ?? 0);
  return all.map((line) => line.map(pad).join("  ").trimEnd()).join("\n");
}

/** Returns the cells of a run for `runs list`. */
export function runRow(run: RunInfo): string[] {
  const labels = Object.entries(run.labels).map(([key, value]) => `${key}=${value}`);
  return [run.id, run.kind, run.state, run.createTime.toISOString(), labels.join(",")];
}
