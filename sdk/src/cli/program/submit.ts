/** Commands that start a run from a spec file: `preprocess`, `train`, `evaluate` and `export`. */

import { Argument, type Command, Option } from "commander";
import type { RunKind } from "../../index.js";
import type { SpecKind } from "../command.js";
import { keyValue } from "../flags.js";
import { addFollow, addSet, command, rerunOption } from "./parts.js";

export const SPEC_KINDS: readonly SpecKind[] = ["preprocess", "train", "evaluate", "export"];
export const RUN_KINDS: readonly RunKind[] = [...SPEC_KINDS, "compare", "report"];

const SUMMARIES: Record<SpecKind, string> = {
  preprocess: "read, filter and split a data set, and create semantic ids",
  train: "train a backbone on a prepared data set",
  evaluate: "rank all items for every user and compute metrics",
  export: "write a trained model in a format for other programs",
};

export function addSubmit(program: Command, kind: SpecKind): void {
  const fromOptions = kind === "evaluate" || kind === "export";
  const spec = fromOptions ? "[spec]" : "<spec>";
  const also = fromOptions ? "; optional if options give the whole spec" : "";
  const verb = addSet(
    command(program, kind, SUMMARIES[kind]).argument(
      spec,
      `YAML or JSON file with the spec; - reads standard input${also}`,
    ),
  );
  OPTIONS[kind](verb);
  verb
    .addOption(new Option("--wait", "wait until the run has ended (the default)").conflicts("detach"))
    .option("--detach", "exit as soon as the server has accepted the run")
    .option("--validate", "only check the spec on the server")
    .option("--idempotency-key <key>", "start at most one run with this key")
    .option("--label <key=value>", "label of the run (repeatable)", keyValue)
    .addOption(rerunOption())
    .option("--no-reuse", "do not reuse the stored outputs of an equal run");
  addFollow(verb, "cancel").action(async (path: string | undefined, _, self: Command) =>
    (await import("../commands/submit.js")).submit(kind, path, self.optsWithGlobals()),
  );
}

export function addSchema(program: Command): void {
  command(program, "schema", "print the JSON Schema of a kind of spec, for editors and checks")
    .addArgument(new Argument("[kind]", "kind of the run; without it, list the schemas").choices(RUN_KINDS))
    .action(async (kind: RunKind | undefined, _, self: Command) =>
      (await import("../commands/schema.js")).schema(kind, RUN_KINDS, self.optsWithGlobals()),
    );
}

/** Options of one kind of runs. They set fields of the spec, or the step after which the run ends. */
const OPTIONS: Record<SpecKind, (verb: Command) => void> = {
  preprocess: addStages,
  train: addVariant,
  evaluate: addPredictions,
  export: addExport,
};

/** The variants of the method. There are others for semantic ids from other texts. */
const VARIANTS = "base, dseg, random, no_dseg, no_adaptive_tau, random_neg, no_harm, grpo, full, ...";

function addVariant(verb: Command): void {
  verb
    .option("--variant <name>", `variant of the method: ${VARIANTS}`)
    .addOption(
      new Option(
        "--recipe <name>",
        "fill in missing fields from the backbone's paper or from the LGHRec paper",
      ).choices(["default", "backbone_paper", "lghrec_paper"]),
    );
}

function addPredictions(verb: Command): void {
  verb
    .option(
      "--predictions <path>",
      "predictions of another program: path of a file on the server, or id of an upload",
    )
    .option("--dataset <id>", "id of the prepared data set that the predictions belong to");
}

function addExport(verb: Command): void {
  verb
    .option("--run <id>", "id of a train run that has ended or was stopped, instead of a model")
    .option("--format <name>", "format, for example safetensors, parquet, topk, onnx or usearch");
}

function addStages(verb: Command): void {
  verb
    .addOption(
      new Option("--estimate", "only estimate the tokens, time and cost of the texts").conflicts([
        "preview",
        "validate",
      ]),
    )
    .addOption(
      new Option("--preview", "only generate and show the texts of a sample, with an estimate").conflicts(
        "validate",
      ),
    );
}
