/** Commands about trained models: `compare`, `ablation`, `report`, `recommend` and `similar`. */

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
  const self = command(program, "compare", "compare runs with paired tests over users and over seeds")
    .argument(
      "[runs...]",
      "ids of train or evaluate runs; runs that differ only in the seed become one entry",
    )
    .option("--name <name=run,run>", "name and runs of an entry (repeatable)", namedList)
    .option("--baseline <name>", "entry to compare the others with; the default is the first");
  addWait(addTable(self), "cancel").action(async (runs: string[], _, own: Command) =>
    (await import("../commands/compare.js")).compare(runs, own.optsWithGlobals()),
  );
}

function addAblation(program: Command): void {
  const self = addSet(
    command(program, "ablation", "train and evaluate variants over several seeds, and compare them"),
  )
    .argument("<spec>", "YAML or JSON file with a train spec; - reads standard input")
    .option(
      "--variants <a,b>",
      "variants, for example base,random,full; the default is the variants of the method",
      list,
    )
    .option("--seeds <number>", "number of seeds per variant; the default is 5", integer(1, 1000))
    .option("--baseline <variant>", "variant to compare the others with; the default is full")
    .option(
      "--concurrency <number>",
      "variants at the same time; the default is the number of runs that the server runs",
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

/** Adds the options of a comparison and of its table. */
function addTable(self: Command): Command {
  return self
    .option("--metrics <a,b>", "metrics; the default is recall@20,ndcg@20", list)
    .option(
      "--resamples <number>",
      "number of bootstrap samples and of sign flips; the default is 10000",
      integer(100, 1_000_000),
    )
    .addOption(new Option("--markdown", "print the table as Markdown").conflicts(["latex", "json"]))
    .addOption(new Option("--latex", "print the table as LaTeX").conflicts("json"))
    .addOption(new Option("--json", "short for --output json"));
}

function addReport(program: Command): void {
  const self = command(
    program,
    "report",
    "create a page of figures from trained models, download it and print its path",
  )
    .argument(
      "<runs...>",
      "ids of train or evaluate runs, the subject of the page first; add a compare run for its table",
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
    "recommend items to users with a trained model, without a run",
  )
    .argument("<model>", "id of a model, or of its train run")
    .argument("<users...>", "user ids as they appear in the data");
  addLength(recommend)
    .option("--include-seen", "include items that the user has seen")
    .action(async (model: string, users: string[], _, own: Command) =>
      (await import("../commands/recommend.js")).recommend(model, users, own.optsWithGlobals()),
    );
  const similar = command(
    program,
    "similar",
    "list the items that are most similar to an item in a trained model",
  )
    .argument("<model>", "id of a model, or of its train run")
    .argument("<item>", "item id as it appears in the data");
  addLength(similar).action(async (model: string, item: string, _, own: Command) =>
    (await import("../commands/recommend.js")).similar(model, item, own.optsWithGlobals()),
  );
}

function addLength(self: Command): Command {
  return self
    .option("--k <number>", "number of items per list; the default is 10", integer(1, MAX_K))
    .addOption(new Option("--json", "short for --output json"));
}
