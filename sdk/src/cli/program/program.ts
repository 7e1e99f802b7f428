/**
 * The commands and their options. Each command's code is loaded when it is called, so that `--help`
 * loads nothing but commander.
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
  0 success            4 run cancelled             8 server and client incompatible
  1 run failed         5 timeout, run goes on      9 port in use
  2 usage or spec      6 server unreachable       10 data directory unusable, disk full
  3 requirement unmet  7 not authorised           11 Python missing or too old
  130, 143 interrupted by SIGINT, SIGTERM`;

/** The command line, ready to parse; wrong usage throws a `CommanderError`. */
export function createProgram(): Command {
  const program = new Command("lghrec")
    .description("Trains, evaluates and exports graph recommenders on an LGHRec server.")
    .version(version())
    .addOption(new Option("--endpoint <url>", "the server; else LGHREC_ENDPOINT, else http://127.0.0.1:7300"))
    .addOption(
      new Option("--output <format>", "what goes to stdout")
        .choices(["text", "json", "ndjson"])
        .default("text"),
    )
    .option("--output-file <path>", "also write events and summary to this file, as NDJSON")
    .option("--quiet", "no progress and no notes on stderr")
    .option("--no-color", "accepted for scripts that give it; output has no colour")
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

// Every command has options; without a word on them the summaries have room.
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
