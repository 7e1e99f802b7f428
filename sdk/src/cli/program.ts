/**
 * The commands and their options. Each command's code is loaded when it is called, so that `--help`
 * loads nothing but commander.
 */

import { readFileSync } from "node:fs";
import { Command, Option } from "commander";
import type { RunKind } from "../index.js";
import type { SpecKind } from "./command.js";
import { duration, integer, keyValue, repeated } from "./flags.js";
import { addFollow, addSet, command, rerunOption } from "./program-parts.js";
import { addStudies } from "./program-study.js";

const SPEC_KINDS: readonly SpecKind[] = ["preprocess", "train", "evaluate", "export"];
const KINDS: readonly RunKind[] = [...SPEC_KINDS, "compare", "report"];
const STATES = ["queued", "starting", "running", "stopping", "succeeded", "failed", "cancelled"];

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

function addServer(program: Command): void {
  command(program, "serve", "start a server and keep it running until it is interrupted")
    .option("--data-dir <path>", "where state is kept; else LGHREC_DATA_DIR, else in the user's data folder")
    .option("--host <address>", "address to listen on", "127.0.0.1")
    .option("--port <number>", "port to listen on; 0 takes a free one", integer(0, 65535), 7300)
    .option("--import-root <path>", "a folder that specs may name paths in (repeatable)", repeated)
    .option("--max-concurrent-runs <number>", "runs that work at the same time", integer(1, 1024))
    .action(async (_, self: Command) => (await import("./commands/serve.js")).serve(self.optsWithGlobals()));
  command(program, "doctor", "check that the server is there and fits, and that Python is")
    .option("--wait <time>", "keep asking for this long, for example 60s", duration)
    .action(async (_, self: Command) =>
      (await import("./commands/doctor.js")).doctor(self.optsWithGlobals()),
    );
}

const SUMMARIES: Record<SpecKind, string> = {
  preprocess: "turn a data set into a split and semantic ids",
  train: "train a backbone on a prepared data set",
  evaluate: "rank all items for every user and score the lists",
  export: "write a trained model for other programs",
};

function addSubmit(program: Command, kind: SpecKind): void {
  const flagged = kind === "evaluate" || kind === "export";
  const spec = flagged ? "[spec]" : "<spec>";
  const also = flagged ? "; may be left out where options say it all" : "";
  const verb = addSet(
    command(program, kind, SUMMARIES[kind]).argument(
      spec,
      `YAML or JSON file with the spec; - reads standard input${also}`,
    ),
  );
  OPTIONS[kind](verb);
  verb
    .addOption(new Option("--wait", "wait until the run has ended (the default)").conflicts("detach"))
    .option("--detach", "end as soon as the server has accepted the run")
    .option("--validate", "only check the spec on the server")
    .option("--idempotency-key <key>", "the same key never starts two runs")
    .option("--label <key=value>", "label of the run (repeatable)", keyValue)
    .addOption(rerunOption())
    .option("--no-reuse", "do the work again even if its outputs are stored");
  addFollow(verb, "cancel").action(async (path: string | undefined, _, self: Command) =>
    (await import("./commands/submit.js")).submit(kind, path, self.optsWithGlobals()),
  );
}

/** Options that stand for fields of the spec, or for how far the run goes. */
const OPTIONS: Record<SpecKind, (verb: Command) => void> = {
  preprocess: addStages,
  train: addVariant,
  evaluate: addPredictions,
  export: addExport,
};

/** Those of the method; there are more for other texts. */
const VARIANTS = "base, dseg, random, no_dseg, no_adaptive_tau, random_neg, no_harm, grpo, full, ...";

function addVariant(verb: Command): void {
  verb
    .option("--variant <name>", `an ablation by its name: ${VARIANTS}`)
    .addOption(
      new Option("--recipe <name>", "setting of the backbone's own paper, or of the LGHRec paper").choices([
        "default",
        "backbone_paper",
        "lghrec_paper",
      ]),
    );
}

function addPredictions(verb: Command): void {
  verb
    .option("--predictions <path>", "scores of another program: a file on the server, or the id of an upload")
    .option("--dataset <id>", "the prepared data set that the predictions are of");
}

function addExport(verb: Command): void {
  verb
    .option("--run <id>", "a train run that ended or was stopped, instead of a model")
    .option("--format <name>", "such as safetensors, parquet, topk, onnx or usearch");
}

/** How far `preprocess` goes. */
function addStages(verb: Command): void {
  verb
    .addOption(
      new Option("--estimate", "only tell tokens, time and money that the texts would take").conflicts([
        "preview",
        "validate",
      ]),
    )
    .addOption(
      new Option("--preview", "only write the texts of a sample and show them, with an estimate").conflicts(
        "validate",
      ),
    );
}

function addData(program: Command): void {
  const datasets = command(program, "datasets", "bring your own files to the server, and look at them");
  command(datasets, "upload", "send a file or a folder, go on where a cut upload ended, print the id")
    .argument("<path>", "file or folder; hidden files and symbolic links are left out")
    .option("--name <text>", "free text; else the name of the file or folder")
    .action(async (path: string, _, self: Command) =>
      (await import("./commands/datasets.js")).uploadDataset(path, self.optsWithGlobals()),
    );
  command(datasets, "list", "list uploaded data sets, newest first")
    .option("--limit <number>", "at most this many", integer(1, 100_000), 50)
    .action(async (_, self: Command) =>
      (await import("./commands/datasets.js")).listDatasets(self.optsWithGlobals()),
    );
  command(datasets, "get", "show one data set and its files")
    .argument("<id>", "id of the data set")
    .action(async (id: string, _, self: Command) =>
      (await import("./commands/datasets.js")).getDataset(id, self.optsWithGlobals()),
    );
  command(datasets, "delete", "remove the raw files; what was prepared from them stays")
    .argument("<id>", "id of the data set")
    .action(async (id: string, _, self: Command) =>
      (await import("./commands/datasets.js")).deleteDataset(id, self.optsWithGlobals()),
    );
  const items = command(program, "items", "look into semantic ids");
  command(items, "show", "show text, reasoning, keywords, nearest items and provenance of an item")
    .argument("<artifact>", "id of semantic ids")
    .argument("<item>", "the item's own id in the data")
    .action(async (artifact: string, item: string, _, self: Command) =>
      (await import("./commands/items.js")).showItem(artifact, item, self.optsWithGlobals()),
    );
  command(program, "providers", "list what can write texts of items, and whether it answers").action(
    async (_, self: Command) => (await import("./commands/providers.js")).providers(self.optsWithGlobals()),
  );
}

function addRuns(program: Command): void {
  const runs = command(program, "runs", "look at the runs of the server");
  command(runs, "list", "list runs, newest first")
    .addOption(new Option("--kind <kind...>", "only these kinds").choices(KINDS))
    .addOption(new Option("--state <state...>", "only these states").choices(STATES))
    .option("--label <key=value>", "only runs with this label (repeatable)", keyValue)
    .option("--limit <number>", "at most this many", integer(1, 100_000), 50)
    .action(async (_, self: Command) =>
      (await import("./commands/runs.js")).listRuns(self.optsWithGlobals()),
    );
  command(runs, "get", "show one run")
    .argument("<id>", "id of the run")
    .action(async (id: string, _, self: Command) =>
      (await import("./commands/runs.js")).getRun(id, self.optsWithGlobals()),
    );
  addFollow(command(program, "attach", "wait for a run that is there already"), "detach")
    .argument("<id>", "id of the run")
    .action(async (id: string, _, self: Command) =>
      (await import("./commands/attach.js")).attach(id, self.optsWithGlobals()),
    );
  command(program, "cancel", "ask a run to stop")
    .argument("<id>", "id of the run")
    .option("--now", "kill its worker instead of stopping at the next step")
    .option("--reason <text>", "kept in the run's log")
    .action(async (id: string, _, self: Command) =>
      (await import("./commands/cancel.js")).cancel(id, self.optsWithGlobals()),
    );
  command(program, "download", "fetch the files of an artifact, or all outputs of a run")
    .argument("<id>", "id of an artifact or a run")
    .argument("<dir>", "folder to write to; a run with several outputs gets a folder for each")
    .action(async (id: string, dir: string, _, self: Command) =>
      (await import("./commands/download.js")).download(id, dir, self.optsWithGlobals()),
    );
}

function version(): string {
  const manifest = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(manifest) as { version: string }).version;
}
