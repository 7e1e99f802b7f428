/** Commands that start a run from a spec file. */

import { Argument, type Command, Option } from "commander";
import type { RunKind } from "../../index.js";
import type { SpecKind } from "../command.js";
import { keyValue } from "../flags.js";
import { addFollow, addSet, command, rerunOption } from "./parts.js";

export const SPEC_KINDS: readonly SpecKind[] = ["preprocess", "train", "evaluate", "export"];
export const RUN_KINDS: readonly RunKind[] = [...SPEC_KINDS, "compare", "report"];

const SUMMARIES: Record<SpecKind, string> = {
  preprocess: "turn a data set into a split and semantic ids",
  train: "train a backbone on a prepared data set",
  evaluate: "rank all items for every user and score the lists",
  export: "write a trained model for other programs",
};

export function addSubmit(program: Command, kind: SpecKind): void {
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
