/** The output of a command: data on stdout, everything else on stderr. */

import { appendFileSync, writeFileSync } from "node:fs";
import type { RunEvent, RunFailedError, RunInfo } from "../index.js";
import { isLghrecError, type LocatedViolation, UsageError } from "./exit-codes.js";

export type Format = "text" | "json" | "ndjson";

/** Version of the JSON summary. It increases with each change that a script can notice. */
const SCHEMA_VERSION = 1;

export interface OutputOptions {
  readonly format: Format;
  readonly quiet: boolean;
  /** A file to which every event and the summary are written as NDJSON, with any `format`. */
  readonly file?: string | undefined;
}

/** The outcome of a command. */
export interface Finish {
  readonly run?: Partial<RunInfo> | undefined;
  readonly result?: unknown;
  readonly error?: unknown;
  /** The violations of the error with their positions in the spec file, if the command knows them. */
  readonly violations?: readonly LocatedViolation[] | undefined;
  /** The text for stdout with the format `text`. */
  readonly text?: string | undefined;
  readonly exitCode?: number | undefined;
  /** True if the command has already written all of its output. */
  readonly quiet?: boolean | undefined;
}

/** Writes events, notes and the summary of one command. */
export class Output {
  constructor(
    readonly command: string,
    readonly options: OutputOptions,
  ) {
    if (options.file !== undefined) startFile(options.file);
  }

  /** Writes an event of a run as a line of NDJSON. */
  event(event: RunEvent): void {
    this.record(event);
  }

  /** Writes any record as a line, to stdout with the format `ndjson`, and to the output file. */
  record(record: unknown): void {
    const line = `${JSON.stringify(record)}\n`;
    if (this.options.format === "ndjson") process.stdout.write(line);
    this.#toFile(line);
  }

  /** Writes a note for the person at the terminal to stderr. `--quiet` suppresses it. */
  note(text: string): void {
    if (!this.options.quiet) process.stderr.write(`${text}\n`);
  }

  /** Writes the outcome of the command. It is called last, also for an error. */
  finish(finish: Finish): void {
    if (!finish.quiet) this.summarise(finish);
    if (this.options.format === "text" && finish.text) process.stdout.write(`${finish.text}\n`);
    if (finish.error !== undefined) process.stderr.write(`${errorToText(finish.error, finish.violations)}\n`);
  }

  /** Writes the summary, which scripts read. */
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
      hint: "give a file in an existing folder",
    });
  }
}

function errorToJson(error: unknown, violations = violationsOf(error)): Record<string, unknown> {
  const fields = violations.length > 0 ? { violations } : {};
  if (isLghrecError(error) || error instanceof UsageError) return { ...error.toJSON(), ...fields };
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  return { name, code: (error as { code?: string }).code ?? "unexpected", message };
}

/** Returns the message, one line for each wrong field, and the hint. */
function errorToText(error: unknown, violations = violationsOf(error)): string {
  const lines = [`error: ${headline(error)}`];
  for (const { path, description, file, line } of violations) {
    // Without a path it is about the whole spec. The headline of a usage error already contains such a text.
    if (path === "" && !isLghrecError(error)) continue;
    const position = [file, line].filter((part) => part !== undefined).join(":");
    lines.push(`  ${[position, path, description].filter(Boolean).join(": ")}`);
  }
  const traceback = isUnexplained(error) ? error.failure.pythonTraceback.trimEnd() : "";
  if (traceback) lines.push(...traceback.split("\n").map((line) => `  ${line}`));
  const { hint } = error as { hint?: string | undefined };
  if (hint) lines.push(`  hint: ${hint}`);
  return lines.join("\n");
}

// The message of an invalid spec lists all fields in one line. The text output has a line for each field instead.
function headline(error: unknown): string {
  if (isLghrecError(error, "invalid_argument") && violationsOf(error).length > 0)
    return "the spec is not valid";
  return error instanceof Error ? error.message : String(error);
}

/** Returns the violations of an error. */
export function violationsOf(error: unknown): readonly LocatedViolation[] {
  return (error as { violations?: readonly LocatedViolation[] }).violations ?? [];
}

// Failures of other kinds have a cause outside the code, which their message names.
function isUnexplained(error: unknown): error is RunFailedError {
  if (!isLghrecError(error, "run_failed")) return false;
  return error.failure.kind === "internal" || error.failure.kind === "worker_lost";
}
