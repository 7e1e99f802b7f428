/** Parsers for the values of options. */

import { InvalidArgumentError } from "commander";
import type { Gate } from "./gates.js";

const UNIT_MS: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** Parses `500ms`, `60s`, `10m` or `1.5h` and returns milliseconds. */
export function duration(text: string): number {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text) ?? [];
  const ms = Number(amount) * (UNIT_MS[unit ?? ""] ?? Number.NaN);
  if (!(ms > 0)) throw new InvalidArgumentError("Expected a time, for example 500ms, 60s, 10m or 2h.");
  return ms;
}

/** Returns a parser for a whole number from `min` to `max`. */
export const integer = (min: number, max: number) => (text: string) => {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= min && value <= max) return value;
  throw new InvalidArgumentError(`Expected a whole number from ${min} to ${max}.`);
};

/** Collects `key=value` options in one record. The last value of a key applies. */
export function keyValue(text: string, before: Record<string, string> = {}): Record<string, string> {
  const cut = text.indexOf("=");
  if (cut < 1) throw new InvalidArgumentError("Expected key=value.");
  return { ...before, [text.slice(0, cut)]: text.slice(cut + 1) };
}

/** Collects the values of an option that can be repeated. */
export function repeated(text: string, before: readonly string[] = []): string[] {
  return [...before, text];
}

/** Parses values that are separated by commas. */
export function list(text: string): string[] {
  const values = text.split(",").map((value) => value.trim());
  if (values.every((value) => value !== "")) return values;
  throw new InvalidArgumentError("Expected values separated by commas, for example a,b,c.");
}

/** Collects `name=value,value` options. The values of a repeated name are joined. */
export function namedList(text: string, before: Record<string, string[]> = {}): Record<string, string[]> {
  const cut = text.lastIndexOf("=");
  if (cut < 1) throw new InvalidArgumentError("Expected name=value,value.");
  const name = text.slice(0, cut);
  return {
    ...before,
    [name]: [...(Object.hasOwn(before, name) ? (before[name] ?? []) : []), ...list(text.slice(cut + 1))],
  };
}

/** Collects `path=value` changes to a spec, in their order. */
export function assignment(text: string, before: readonly string[] = []): string[] {
  if (!/^[A-Za-z_][\w]*(\.\w+)*=/.test(text))
    throw new InvalidArgumentError("Expected path=value, for example epochs=5.");
  return [...before, text];
}

/** Collects requirements, for example `recall@20>=0.05`. */
export function gate(text: string, before: readonly Gate[] = []): Gate[] {
  const [, metric, operator, limit] = /^([^\s<>=]+)\s*(>=|<=|==|>|<)\s*(\S+)$/.exec(text) ?? [];
  const value = Number(limit);
  if (metric === undefined || !Number.isFinite(value)) {
    throw new InvalidArgumentError("Expected metric, comparison and number, for example 'recall@20>=0.05'.");
  }
  return [...before, { text, metric, operator: operator as Gate["operator"], limit: value }];
}

/** Returns true for the id of an artifact or of an upload, which is a SHA-256. Ids of runs and paths are not. */
export function isArtifactId(id: string): boolean {
  return /^[0-9a-f]{64}$/.test(id);
}
