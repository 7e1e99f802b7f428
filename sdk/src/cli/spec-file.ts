/** Reads a spec from a YAML or JSON file, and finds the line of each field. */

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
// Enough for anchors that people write. A file that expands further is a mistake or an attack.
const MAX_ALIASES = 100;

/** A change to the spec by an option. */
export interface SpecChange {
  readonly path: string;
  /** Undefined removes the field. */
  readonly value: unknown;
  /** The option as the user wrote it. */
  readonly option: string;
}

/** A spec, and the positions of its fields. */
export interface SpecFile<Spec = unknown> {
  /** Content of the file with the changes of the options. The client checks its fields, not this module. */
  readonly value: Spec;
  /** Adds the file and the line to a violation. */
  locate(violation: { path: string; description: string }): LocatedViolation;
}

/** Parses the `path=value` of a `--set`, with the value in YAML. Throws `UsageError` for invalid YAML. */
export function setChange(text: string): SpecChange {
  const cut = text.indexOf("=");
  const option = `--set ${text}`;
  try {
    return { path: text.slice(0, cut), value: parse(text.slice(cut + 1)), option };
  } catch (error) {
    throw changeError(option, error);
  }
}

/**
 * Reads a spec file and applies the changes of options.
 *
 * @param file Path of the file. `-` means standard input, and undefined means an empty spec.
 * @throws UsageError for a file that cannot be read, or whose content is not a mapping. It names the line.
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
    throw fileError(file, description, lines.linePos(problem.pos[0]).line);
  }
  if (!isMap(document.contents)) throw fileError(file, "is not a mapping of fields to values");
  for (const change of changes) apply(document, change);
  return {
    value: toObject(document, file) as Spec,
    locate: ({ path, description }) => {
      const change = changes.find((one) => isWithin(path, one.path));
      if (change !== undefined) return { path, description: `${description} (${change.option})` };
      if (file === undefined) return { path, description };
      return { path, description, file, line: lineOf(document, path, lines) };
    },
  };
}

/** Returns the violations of an error with their lines, and annotates them for pipelines. */
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
    if (code === "ENOENT")
      throw new UsageError(`spec file ${file} does not exist`, { hint: "check the path" });
    throw new UsageError(`spec file ${file} cannot be read: ${message}`, {
      hint: "expected a YAML or JSON file",
    });
  }
  if (Buffer.byteLength(content) > MAX_BYTES) throw fileError(file, `is larger than ${MAX_BYTES} bytes`);
  return content;
}

function toObject(document: Document, file = ""): unknown {
  try {
    return document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch (error) {
    throw fileError(file, (error as Error).message);
  }
}

function apply(document: Document, { path, value, option }: SpecChange): void {
  try {
    const keys = existingPath(document, path.split("."));
    if (value !== undefined) document.setIn(keys, value);
    else if (document.hasIn(keys)) document.deleteIn(keys);
  } catch (error) {
    throw changeError(option, error);
  }
}

function changeError(option: string, error: unknown): UsageError {
  const hint = "use path=value, with the value in YAML";
  return new UsageError(`${option} cannot be applied to the spec: ${(error as Error).message}`, { hint });
}

// `--set earlyStop.patience=3` changes the field that the file spells `early_stop`.
function existingPath(document: Document, path: readonly string[]): (string | number)[] {
  const found: (string | number)[] = [];
  for (const name of path) {
    const parent = found.length > 0 ? document.getIn(found) : document.contents;
    found.push(isSeq(parent) && /^\d+$/.test(name) ? Number(name) : (keyOf(parent, name) ?? name));
  }
  return found;
}

/** Returns the line of a field, or of its nearest ancestor in the file. */
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

function fileError(file = "", description: string, line?: number): UsageError {
  const where = line === undefined ? file : `${file}:${line}`;
  return new UsageError(`spec file ${where}: ${description}`, {
    hint: "correct the file",
    violations: [{ path: "", description, file, line }],
  });
}
