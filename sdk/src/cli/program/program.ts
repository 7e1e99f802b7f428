/**
 * The table of commands and their options. The code of a command is loaded when the command is called, so that `--help`
 * loads commander only.
 */

import { readFileSync } from "node:fs";
import { Command, Option } from "commander";
import { EXIT_MEANINGS } from "../exit-codes.js";
import { addData } from "./data.js";
import { addRuns } from "./runs.js";
import { addServer } from "./server.js";
import { addStudies } from "./study.js";
import { addSchema, addSubmit, SPEC_KINDS } from "./submit.js";

/** Creates the command line. Parsing throws a `CommanderError` for wrong usage. */
export function createProgram(): Command {
  const program = new Command("lghrec")
    .description("Trains, evaluates and exports graph recommenders on an LGHRec server.")
    .version(version())
    .addOption(
      new Option(
        "--endpoint <url>",
        "address of the server; the default is LGHREC_ENDPOINT, then http://127.0.0.1:7300",
      ),
    )
    .addOption(
      new Option("--output <format>", "format of stdout").choices(["text", "json", "ndjson"]).default("text"),
    )
    .option("--output-file <path>", "also write events and the summary to this file as NDJSON")
    .option("--quiet", "write no progress and no notes to stderr")
    .option("--no-color", "accepted for scripts; the output has no colour")
    .addHelpText("after", exitCodeText())
    .exitOverride()
    .showHelpAfterError("(see --help)")
    .configureHelp({ showGlobalOptions: true, subcommandTerm: nameAndArguments });
  addServer(program);
  for (const kind of SPEC_KINDS) addSubmit(program, kind);
  addSchema(program);
  addStudies(program);
  addRuns(program);
  addData(program);
  return program;
}

// Every command has options. Without `[options]` in the list, the summaries have more room.
function nameAndArguments(self: Command): string {
  const names = self.registeredArguments.map((argument) => {
    const name = `${argument.name()}${argument.variadic ? "..." : ""}`;
    return argument.required ? `<${name}>` : `[${name}]`;
  });
  return [self.name(), ...names].join(" ");
}

/** Formats the exit codes in three columns of four, and the last code on a line of its own. */
function exitCodeText(): string {
  const columns = [0, 4, 8].map((start) => {
    const codes = EXIT_MEANINGS.slice(start, start + 4);
    const cells = codes.map(([code, meaning]) => `${code.padStart(start < 8 ? 1 : 2)} ${meaning}`);
    const width = Math.max(...cells.map((cell) => cell.length)) + 2;
    return cells.map((cell) => cell.padEnd(width));
  });
  const rows = [0, 1, 2, 3].map((row) => columns.map((column) => column[row]).join(""));
  const lines = [...rows, EXIT_MEANINGS.at(-1)?.join(" ") ?? ""].map((line) => `  ${line.trimEnd()}`);
  return `\nExit codes:\n${lines.join("\n")}`;
}

function version(): string {
  const manifest = readFileSync(new URL("../../../package.json", import.meta.url), "utf8");
  return (JSON.parse(manifest) as { version: string }).version;
}
