/** `preprocess`, `train`, `evaluate`, `export`: a spec file becomes a run. */

import type { LghrecClient, Run, SubmitOptions } from "../../index.js";
import { type Context, type GlobalFlags, runCommand, type SpecKind } from "../command.js";
import { UsageError } from "../exit-codes.js";
import { isArtifactId } from "../flags.js";
import { announce, type FollowFlags, follow } from "../follow.js";
import { type Finish, violationsOf } from "../output.js";
import { annotate } from "../reports.js";
import { locateViolations, readSpecFile, type SpecChange, type SpecFile, setChange } from "../spec-file.js";
import { rows } from "../terminal/table.js";

export interface SubmitFlags extends GlobalFlags, FollowFlags {
  readonly set?: readonly string[];
  /** Of `train`. */
  readonly variant?: string;
  readonly recipe?: string;
  /** Of `evaluate`. */
  readonly predictions?: string;
  readonly dataset?: string;
  /** Of `export`. */
  readonly run?: string;
  readonly format?: string;
  readonly detach?: boolean;
  readonly validate?: boolean;
  /** Of `preprocess`. */
  readonly estimate?: boolean;
  readonly preview?: boolean;
  readonly idempotencyKey?: string;
  readonly label?: Readonly<Record<string, string>>;
  readonly rerun?: "never" | "failed";
  readonly reuse: boolean;
}

/** Kinds of runs whose results carry metrics. */
const MEASURED: readonly SpecKind[] = ["train", "evaluate"];

export function submit(kind: SpecKind, path: string | undefined, flags: SubmitFlags): Promise<void> {
  return runCommand(kind, flags, async (context) => {
    checkFlags(kind, flags);
    const spec = await readSpec(kind, path, flags);
    const locate = (error: unknown) => locateViolations(error, spec);
    const finish = await perform(context, kind, { spec, flags }).catch((error: unknown) => ({ error }));
    return { ...finish, violations: locate(finish.error) };
  });
}

function checkFlags(kind: SpecKind, flags: SubmitFlags): void {
  if (flags.require && !MEASURED.includes(kind)) {
    const hint = `use it with ${MEASURED.join(" or ")}`;
    throw new UsageError(`--require needs a run with metrics, got ${kind}`, { hint });
  }
  if (flags.require && (flags.detach || flags.validate)) {
    throw new UsageError("--require needs the result of the run", {
      hint: "leave out --detach and --validate",
    });
  }
}

async function readSpec(kind: SpecKind, path: string | undefined, flags: SubmitFlags): Promise<SpecFile> {
  const changes = changesOf(flags);
  if (path === undefined && changes.length === 0) {
    const instead = kind === "export" ? "--run and --format" : "--predictions and --dataset";
    throw new UsageError("there is no spec", { hint: `name a spec file, or give ${instead}` });
  }
  try {
    return await readSpecFile(path, changes);
  } catch (error) {
    annotate(violationsOf(error));
    throw error;
  }
}

/** What options change in the spec; `--set` comes last, so that it has the last word. */
export function changesOf(flags: SubmitFlags): SpecChange[] {
  const { variant, recipe, predictions, dataset, run, format } = flags;
  const place = predictions !== undefined && isArtifactId(predictions) ? "upload" : "path";
  const other = place === "path" ? "upload" : "path";
  return [
    ...change("variant", variant, `--variant ${variant}`),
    ...change("recipe", recipe, `--recipe ${recipe}`),
    ...change(`predictions.${place}`, predictions, `--predictions ${predictions}`, [
      "model",
      `predictions.${other}`,
    ]),
    ...change("predictions.dataset", dataset, `--dataset ${dataset}`),
    ...change("run", run, `--run ${run}`, ["model"]),
    ...change("format", format, `--format ${format}`),
    ...(flags.set ?? []).map(setChange),
  ];
}

/** `instead` are fields that make way. */
function change(path: string, value: string | undefined, option: string, instead: readonly string[] = []) {
  if (value === undefined) return [];
  return [{ path, value, option }, ...instead.map((gone) => ({ path: gone, value: undefined, option }))];
}

async function perform(
  context: Context,
  kind: SpecKind,
  { spec, flags }: { spec: SpecFile; flags: SubmitFlags },
): Promise<Finish> {
  const client = await context.client();
  if (flags.validate) {
    const valid = await VERBS[kind].validate(client, spec.value);
    return { result: valid, text: rows(valid) };
  }
  const start = stageOf(flags) ?? VERBS[kind].start;
  const starting = start(client, spec.value, submitOptions(flags));
  const announced = starting.then((run) => {
    announce(context, run.id);
    return run;
  });
  if (!flags.detach) return follow(context, announced, { onInterrupt: "cancel", ...flags });
  const info = await (await announced).info();
  return { run: info, text: rows({ run: info.id, state: info.state }) };
}

function submitOptions(flags: SubmitFlags): SubmitOptions {
  return {
    idempotencyKey: flags.idempotencyKey,
    labels: flags.label,
    // A pipeline that is run again with the same key wants another try, not the old failure for ever.
    rerun: flags.rerun ?? (process.env.CI ? "failed" : undefined),
    reuse: flags.reuse ? undefined : false,
  };
}

type Start = (client: LghrecClient, spec: object, options: SubmitOptions) => Promise<Run>;

/** How a run starts that goes only so far; none for the whole way. */
function stageOf(flags: SubmitFlags): Start | undefined {
  const stage = flags.estimate ? "estimate" : flags.preview ? "preview" : undefined;
  return (
    stage &&
    (({ semanticIds }, spec, options) =>
      (semanticIds[stage] as (s: object, o: SubmitOptions) => Promise<Run>)(spec, options))
  );
}

interface Verb {
  readonly start: Start;
  validate(client: LghrecClient, spec: object): Promise<object>;
}

// What a file holds is checked by the client's own conversion, which names every wrong field.
const VERBS: Record<SpecKind, Verb> = {
  preprocess: verb("preprocess"),
  train: verb("train"),
  evaluate: verb("evaluate"),
  export: verb("export"),
};

function verb(kind: SpecKind): Verb {
  return {
    start: (client, spec, options) =>
      (client[kind] as (s: object, o: SubmitOptions) => Promise<Run>)(spec, options),
    validate: (client, spec) => (client.validate[kind] as (s: object) => Promise<object>)(spec),
  };
}
