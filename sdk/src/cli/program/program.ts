/**
 * The table of commands and their options. The code of a command is loaded when the command is called, so that `--help`
 * loads commander only.
 */

import { readFileSync } from "node:fs";
import { Command, Option } from "commander";
import { addData } from "./data.js";
import { addRuns } from "./runs.js";
import { addServer } from "./server.js";
import { addStudies } from "./study.js";
import { addSchema, addSubmit, SPEC_KINDS } from "./submit.js";

const EXIT_CODES = `
Exit codes:
  0 success            4 run cancelled             8 incompatible server
  1 run failed         5 timeout, run continues    9 port in use
  2 usage or spec      6 server unreachable       10 data directory unusable, disk full
  3 requirement unmet  7 not authorised           11 Python missing or too old
  130, 143 interrupted by SIGINT, SIGTERM`;

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
    .addHelpText("after", EXIT_CODES)
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

function version(): string {
  const manifest = readFileSync(new URL("../../../package.json", import.meta.url), "utf8");
  return (JSON.parse(manifest) as { version: string }).version;
}
