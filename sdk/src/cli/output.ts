/** Where a command writes: data on stdout, everything else on stderr. */

import { appendFileSync, writeFileSync } from "node:fs";
import type { RunEvent, RunFailedError, RunInfo } from "../index.js";
import { isLghrecError, type LocatedViolation, UsageError } from "./exit-codes.js";

export type Format = "text" | "json" | "ndjson";

/** Grows when the shape of the JSON changes in a way that a script can notice. */
const SCHEMA_VERSION = 1;

export interface OutputOptions {
  readonly format: Format;
  readonly quiet: boolean;
  /** A file that gets every event and the summary as NDJSON, whatever the format. */
  readonly file?: string | undefined;
}

/** How a command ended. */
export interface Finish {
  readonly run?: Partial<RunInfo> | undefined;
  readonly result?: unknown;
  readonly error?: unknown;
  /** The error's violations with their places in the spec file, where the command knows them. */
  readonly violations?: readonly LocatedViolation[] | undefined;
  /** What text output shows. */
  readonly text?: string | undefined;
  readonly exitCode?: number | undefined;
  /** True if stdout already has all that the command has to say. */
  readonly quiet?: boolean | undefined;
}

export class Output {
  constructor(
    readonly command: string,
    readonly options: OutputOptions,
  ) {
    if (options.file !== undefined) startFile(options.file);
  }

  /** An event of a run: a line in NDJSON output and in the side file. */
  event(event: RunEvent): void {
    this.record(event);
  }

  /** One element of a list: a line in NDJSON output. */
  record(record: unknown): void {
    const line = `${JSON.stringify(record)}\n`;
    if (this.options.format === "ndjson") process.stdout.write(line);
    this.#toFile(line);
  }

  /** A word to the person at the terminal; left out with `--quiet`. */
  note(text: string): void {
    if (!this.options.quiet) process.stderr.write(`${text}\n`);
  }

  /** The last thing a command writes, also when it failed. */
  finish(finish: Finish): void {
    if (!finish.quiet) this.summarise(finish);
    if (this.options.format === "text" && finish.text) process.stdout.write(`${finish.text}\n`);
    if (finish.error !== undefined) process.stderr.write(`${errorToText(finish.error, finish.violations)}\n`);
  }

  /** The part of `finish` that scripts read. */
  summarise(finish: Finish): void {
    const summary = {
      schemaVersion: SCHEMA_VERSION,
      command: this.command,
      run: finish.run ?? null,
      result: finish.result ?? null,
      error: finish.error === undefined ? null : errorToJson(finish.error, finish.violations),
    };
    const line = `${JSON.stringify({ type: "summary", ...summary })}\n`;
    this.#toFile(line);
    if (this.options.format === "ndjson") process.stdout.write(line);
    if (this.options.format === "json") process.stdout.write(`${JSON.stringify(summary, null, 2)}\n`);
  }

  #toFile(line: string): void {
    if (this.options.file !== undefined) appendFileSync(this.options.file, line);
  }
}

function startFile(path: string): void {
  try {
    writeFileSync(path, "");
  } catch (error) {
    throw new UsageError(`--output-file ${path} cannot be written: ${(error as Error).message}`, {
      hint: "name a file in a folder that is there",
    });
  }
}

function errorToJson(error: unknown, violations = violationsOf(error)): Record<string, unknown> {
  const fields = violations.length > 0 ? { violations } : {};
  if (isLghrecError(error) || error instanceof UsageError) return { ...error.toJSON(), ...fields };
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  return { name, code: (error as { code?: string }).code ?? "unexpected", message };
}

/** One line that says what is wrong, a line for each wrong field, one that says what to do. */
function errorToText(error: unknown, violations = violationsOf(error)): string {
  const lines = [`error: ${headline(error)}`];
  for (const { path, description, file, line } of violations) {
    // Without a path it is about the whole spec. An error of the command line has such a text in its headline.
    if (path === "" && !isLghrecError(error)) continue;
    const place = [file, line].filter((part) => part !== undefined).join(":");
    lines.push(`  ${[place, path, description].filter(Boolean).join(": ")}`);
  }
  const traceback = isUnexplained(error) ? error.failure.pythonTraceback.trimEnd() : "";
  if (traceback) lines.push(...traceback.split("\n").map((line) => `  ${line}`));
  const { hint } = error as { hint?: string | undefined };
  if (hint) lines.push(`  hint: ${hint}`);
  return lines.join("\n");
}

// The message of a refused spec lists its fields in one long line; here they get a line each.
function headline(error: unknown): string {
  if (isLghrecError(error, "invalid_argument") && violationsOf(error).length > 0)
    return "the spec is not valid";
  return error instanceof Error ? error.message : String(error);
}

/** Every wrong field that an error names. */
export function violationsOf(error: unknown): readonly LocatedViolation[] {
  return (error as { violations?: readonly LocatedViolation[] }).violations ?? [];
}

// A failure of any other kind has a cause outside the code, and its message names it.
function isUnexplained(error: unknown): error is RunFailedError {
  if (!isLghrecError(error, "run_failed")) return false;
  return error.failure.kind === "internal" || error.failure.kind === "worker_lost";
}
