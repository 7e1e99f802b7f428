#!/usr/bin/env node
/** The `lghrec` command. */

import { CommanderError } from "commander";
import { EXIT } from "./exit-codes.js";
import type { Format } from "./output.js";
import { createProgram } from "./program/program.js";

// A reader that closes the pipe early, such as `head`, is not an error.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
});

try {
  await createProgram().parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  // Commander exits with 1 for wrong usage, but 1 means here that a run failed.
  process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  if (error.exitCode !== 0) await reportUsage(error);
}

function requestedFormat(args: readonly string[]): string | undefined {
  if (args.includes("--json")) return "json";
  return /--output[= ](json|ndjson)\b/.exec(args.join(" "))?.[1];
}

// Commander has written the message to stderr. A script that requested JSON also receives it on stdout.
async function reportUsage({ message }: CommanderError): Promise<void> {
  const format = requestedFormat(process.argv.slice(2));
  if (format === undefined) return;
  const { Output } = await import("./output.js");
  const { UsageError } = await import("./exit-codes.js");
  const output = new Output(process.argv[2] ?? "", { format: format as Format, quiet: true });
  output.summarise({ error: new UsageError(message.replace(/^error: /, "")) });
}
