/** Reads a spec from a YAML or JSON file, and knows on which line each field was written. */

import { readFile } from "node:fs/promises";
import { text as readStream } from "node:stream/consumers";
import {
  type Document,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Pair,
  parse,
  parseDocument,
} from "yaml";
import { isLghrecError, type LocatedViolation, UsageError } from "./exit-codes.js";
import { violationsOf } from "./output.js";
import { annotate } from "./reports.js";

const MAX_BYTES = 1 << 20;
// Enough for anchors written by hand; a file that unfolds further is a mistake or an attack.
const MAX_ALIASES = 100;

/** A change that an option makes to what the file says. */
export interface SpecChange {
  readonly path: string;
  /** Undefined takes the field away. */
  readonly value: unknown;
  /** The option as it was given. */
  readonly option: string;
}

export interface SpecFile<Spec = unknown> {
  /** What the file says, with the changes of options. Its fields are checked by the client, not here. */
  readonly value: Spec;
  /** Adds file and line to a violation whose path is in the file. */
  locate(violation: { path: string; description: string }): LocatedViolation;
}

/** The `path=value` of a `--set`, with the value in YAML. Throws `UsageError` if it is none. */
export function setChange(text: string): SpecChange {
  const cut = text.indexOf("=");
  const option = `--set ${text}`;
  try {
    return { path: text.slice(0, cut), value: parse(text.slice(cut + 1)), option };
  } catch (error) {
    throw misfit(option, error);
  }
}

/**
 * Reads `file` (`-` is standard input, undefined an empty spec) and makes the changes of options in it.
 *
 * Throws `UsageError`, with the line, for a file that cannot be read or is not one mapping.
 */
export async function readSpecFile<Spec>(
  file: string | undefined,
  changes: readonly SpecChange[],
): Promise<SpecFile<Spec>> {
  const lines = new LineCounter();
  const text = file === undefined ? "{}" : await readText(file);
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const problem = document.errors[0] ?? document.warnings[0];
  if (problem) {
    const description = problem.message.replace(/\s+/g, " ");
    throw refusal(file, description, lines.linePos(problem.pos[0]).line);
  }
  if (!isMap(document.contents)) throw refusal(file, "is not a mapping of fields to values");
  for (const change of changes) apply(document, change);
  return {
    value: toObject(document, file) as Spec,
    locate: ({ path, description }) => {
      const given = changes.find((change) => isWithin(path, change.path));
      if (given !== undefined) return { path, description: `${description} (${given.option})` };
      if (file === undefined) return { path, description };
      return { path, description, file, line: lineOf(document, path, lines) };
    },
  };
}

/** Undefined for an error that is not about the spec. Pipelines get annotations. */
export function locateViolations(error: unknown, spec: SpecFile): readonly LocatedViolation[] | undefined {
  if (!isLghrecError(error, "invalid_argument")) return undefined;
  const violations = violationsOf(error).map(spec.locate);
  annotate(violations);
  return violations;
}

function isWithin(path: string, ancestor: string): boolean {
  const plain = (text: string) => `${text.replaceAll("_", "").toLowerCase()}.`;
  return plain(path).startsWith(plain(ancestor));
}

async function readText(file: string): Promise<string> {
  let content: string;
  try {
    content = file === "-" ? await readStream(process.stdin) : await readFile(file, "utf8");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") throw new UsageError(`no spec file ${file}`, { hint: "check the path" });
    throw new UsageError(`spec file ${file} cannot be read: ${message}`, {
      hint: "expected a YAML or JSON file",
    });
  }
  if (Buffer.byteLength(content) > MAX_BYTES) throw refusal(file, `is larger than ${MAX_BYTES} bytes`);
  return content;
}

function toObject(document: Document, file = ""): unknown {
  try {
    return document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch (error) {
    throw refusal(file, (error as Error).message);
  }
}

function apply(document: Document, { path, value, option }: SpecChange): void {
  try {
    const place = existingPath(document, path.split("."));
    if (value !== undefined) document.setIn(place, value);
    else if (document.hasIn(place)) document.deleteIn(place);
  } catch (error) {
    throw misfit(option, error);
  }
}

function misfit(option: string, error: unknown): UsageError {
  const hint = "give path=value, with the value in YAML";
  return new UsageError(`${option} does not fit the spec: ${(error as Error).message}`, { hint });
}

// `--set earlyStop.patience=3` changes the field that the file calls early_stop.
function existingPath(document: Document, path: readonly string[]): (string | number)[] {
  const found: (string | number)[] = [];
  for (const name of path) {
    const parent = found.length > 0 ? document.getIn(found) : document.contents;
    found.push(isSeq(parent) && /^\d+$/.test(name) ? Number(name) : (keyOf(parent, name) ?? name));
  }
  return found;
}

/** The line of a field, or of its nearest ancestor in the file. */
function lineOf(document: Document, path: string, lines: LineCounter): number | undefined {
  let node: unknown = document.contents;
  let line: number | undefined;
  for (const name of path.split(/[.[\]]+/).filter(Boolean)) {
    if (isSeq(node)) {
      node = node.items[Number(name)];
    } else if (isMap(node)) {
      const pair: Pair | undefined = node.items.find((item) => sameName(item.key, name));
      if (!pair) break;
      line = startLine(pair.key, lines) ?? line;
      node = pair.value;
      continue;
    }
    line = startLine(node, lines) ?? line;
  }
  return line;
}

function startLine(node: unknown, lines: LineCounter): number | undefined {
  return isNode(node) && node.range ? lines.linePos(node.range[0]).line : undefined;
}

function keyOf(node: unknown, name: string): string | undefined {
  if (!isMap(node)) return undefined;
  const pair = node.items.find((item) => sameName(item.key, name));
  return pair ? String(isScalar(pair.key) ? pair.key.value : pair.key) : undefined;
}

function sameName(key: unknown, name: string): boolean {
  const plain = (text: string) => text.replaceAll("_", "").toLowerCase();
  return plain(String(isScalar(key) ? key.value : key)) === plain(name);
}

function refusal(file = "", description: string, line?: number): UsageError {
  const where = line === undefined ? file : `${file}:${line}`;
  return new UsageError(`spec file ${where}: ${description}`, {
    hint: "correct the file",
    violations: [{ path: "", description, file, line }],
  });
}
