/** Commands that look at trained models: comparisons, ablations, reports, lists. */

import { type Command, Option } from "commander";
import { integer, keyValue, list, namedList } from "../flags.js";
import { addSet, addWait, command, onInterruptOption, rerunOption } from "./parts.js";

const MAX_K = 1000;

export function addStudies(program: Command): void {
  addCompare(program);
  addAblation(program);
  addReport(program);
  addLists(program);
}

function addCompare(program: Command): void {
  const self = command(program, "compare", "compare runs with paired tests, over users and over seeds")
    .argument("[runs...]", "train or evaluate runs; those that differ in the seed alone become one entry")
    .option("--name <name=run,run>", "runs of one entry under a name of your own (repeatable)", namedList)
    .option("--baseline <name>", "the entry that the others are compared with; else the first");
  addWait(addTable(self), "cancel").action(async (runs: string[], _, own: Command) =>
    (await import("../commands/compare.js")).compare(runs, own.optsWithGlobals()),
  );
}

function addAblation(program: Command): void {
  const self = addSet(
    command(program, "ablation", "train variants of a spec over seeds, or what is missing, and compare them"),
  )
    .argument("<spec>", "YAML or JSON file with the spec of a train run; - reads standard input")
    .option("--variants <a,b>", "such as base,random,full; else those of the paper's table", list)
    .option("--seeds <number>", "seeds a variant; 5", integer(1, 1000))
    .option("--baseline <variant>", "the variant that the others are compared with; full")
    .option(
      "--concurrency <number>",
      "variants in work at a time; as many as the server runs",
      integer(1, 1024),
    )
    .option("--label <key=value>", "label of every run (repeatable)", keyValue)
    .addOption(rerunOption())
    .option("--out <dir>", "also write the results and tables to this folder");
  addTable(self)
    .addOption(onInterruptOption("cancel"))
    .action(async (spec: string, _, own: Command) =>
      (await import("../commands/ablation.js")).ablation(spec, own.optsWithGlobals()),
    );
}

/** How a comparison is made and shown. */
function addTable(self: Command): Command {
  return self
    .option("--metrics <a,b>", "such as recall@20,ndcg@20 (the default)", list)
    .option("--resamples <number>", "bootstrap samples and sign flips", integer(100, 1_000_000))
    .addOption(new Option("--markdown", "print the table as Markdown").conflicts(["latex", "json"]))
    .addOption(new Option("--latex", "print the table as LaTeX").conflicts("json"))
    .addOption(new Option("--json", "as --output json"));
}

function addReport(program: Command): void {
  const self = command(program, "report", "draw figures of trained models, fetch the page and print its path")
    .argument(
      "<runs...>",
      "train or evaluate runs, the first is what the page is about; a compare run for its table",
    )
    .option(
      "--sweep <field=run,run>",
      "runs that differ in this field of their specs (repeatable)",
      namedList,
    )
    .option("--out <dir>", "folder to write to", "lghrec-report");
  addWait(self, "cancel").action(async (runs: string[], _, own: Command) =>
    (await import("../commands/report.js")).report(runs, own.optsWithGlobals()),
  );
}

function addLists(program: Command): void {
  const recommend = command(
    program,
    "recommend",
    "list items for users, from a trained model and without a run",
  )
    .argument("<model>", "id of a model, or of its train run")
    .argument("<users...>", "ids of users as they are in the data");
  addLength(recommend)
    .option("--include-seen", "also items that the user has seen")
    .action(async (model: string, users: string[], _, own: Command) =>
      (await import("../commands/recommend.js")).recommend(model, users, own.optsWithGlobals()),
    );
  const similar = command(program, "similar", "list the items nearest to an item in a trained model")
    .argument("<model>", "id of a model, or of its train run")
    .argument("<item>", "id of the item as it is in the data");
  addLength(similar).action(async (model: string, item: string, _, own: Command) =>
    (await import("../commands/recommend.js")).similar(model, item, own.optsWithGlobals()),
  );
}

function addLength(self: Command): Command {
  return self
    .option("--k <number>", "items a list; else the server's default", integer(1, MAX_K))
    .addOption(new Option("--json", "as --output json"));
}
