/** `preprocess`, `train`, `evaluate` and `export`: start a run from a spec file. */

import type { LghrecClient, Run, RunSpec, SubmitOptions, TextsSpec, ValidatedSpec } from "../../index.js";
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
  /** For `train`. */
  readonly variant?: string;
  readonly recipe?: string;
  /** For `evaluate`. */
  readonly predictions?: string;
  readonly dataset?: string;
  /** For `export`. */
  readonly run?: string;
  readonly format?: string;
  readonly detach?: boolean;
  readonly validate?: boolean;
  /** For `preprocess`. */
  readonly estimate?: boolean;
  readonly preview?: boolean;
  readonly idempotencyKey?: string;
  readonly label?: Readonly<Record<string, string>>;
  readonly rerun?: "never" | "failed";
  readonly reuse: boolean;
}

/** Kinds of runs whose results carry metrics. */
const MEASURED: readonly SpecKind[] = ["train", "evaluate"];

export function submit<K extends SpecKind>(
  kind: K,
  path: string | undefined,
  flags: SubmitFlags,
): Promise<void> {
  return runCommand(kind, flags, async (context) => {
    checkFlags(kind, flags);
    const spec = await readSpec(kind, path, flags);
    const finish = await perform(context, kind, { spec, flags }).catch((error: unknown) => ({ error }));
    return { ...finish, violations: locateViolations(finish.error, spec) };
  });
}

function checkFlags(kind: SpecKind, flags: SubmitFlags): void {
  if (flags.require && !MEASURED.includes(kind)) {
    const hint = `use it with ${MEASURED.join(" or ")}`;
    throw new UsageError(`--require applies to runs with metrics, got ${kind}`, { hint });
  }
  if (flags.require && (flags.detach || flags.validate)) {
    throw new UsageError("--require applies to the result of the run", {
      hint: "remove --detach and --validate",
    });
  }
}

async function readSpec<K extends SpecKind>(
  kind: K,
  path: string | undefined,
  flags: SubmitFlags,
): Promise<SpecFile<RunSpec<K>>> {
  const changes = changesOf(flags);
  if (path === undefined && changes.length === 0) {
    const instead = kind === "export" ? "--run and --format" : "--predictions and --dataset";
    throw new UsageError("the spec is missing", { hint: `give a spec file, or ${instead}` });
  }
  try {
    return await readSpecFile(path, changes);
  } catch (error) {
    annotate(violationsOf(error));
    throw error;
  }
}

/** Returns the changes of options to the spec. `--set` comes last, so that it overrides the others. */
export function changesOf(flags: SubmitFlags): SpecChange[] {
  const { variant, recipe, predictions, dataset, run, format } = flags;
  const field = predictions !== undefined && isArtifactId(predictions) ? "upload" : "path";
  const other = field === "path" ? "upload" : "path";
  return [
    ...change("variant", variant, `--variant ${variant}`),
    ...change("recipe", recipe, `--recipe ${recipe}`),
    ...change(`predictions.${field}`, predictions, `--predictions ${predictions}`, [
      "model",
      `predictions.${other}`,
    ]),
    ...change("predictions.dataset", dataset, `--dataset ${dataset}`),
    ...change("run", run, `--run ${run}`, ["model"]),
    ...change("format", format, `--format ${format}`),
    ...(flags.set ?? []).map(setChange),
  ];
}

/** Returns the changes of one option. `replaced` are fields that the option removes. */
function change(path: string, value: string | undefined, option: string, replaced: readonly string[] = []) {
  if (value === undefined) return [];
  return [{ path, value, option }, ...replaced.map((field) => ({ path: field, value: undefined, option }))];
}

async function perform<K extends SpecKind>(
  context: Context,
  kind: K,
  { spec, flags }: { spec: SpecFile<RunSpec<K>>; flags: SubmitFlags },
): Promise<Finish> {
  const client = await context.client();
  if (flags.validate) {
    const valid = await VERBS[kind].validate(client, spec.value);
    return { result: valid, text: rows(valid) };
  }
  const starting = VERBS[kind].start(client, spec.value, submitOptions(flags), flags);
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
    // A pipeline that runs again with the same key needs a new run, not the failed one.
    rerun: flags.rerun ?? (process.env.CI ? "failed" : undefined),
    reuse: flags.reuse ? undefined : false,
  };
}

/** How a run of one kind is started and checked. The client itself checks the fields of a spec from a file. */
interface Verb<K extends SpecKind> {
  start(client: LghrecClient, spec: RunSpec<K>, options: SubmitOptions, flags: SubmitFlags): Promise<Run>;
  validate(client: LghrecClient, spec: RunSpec<K>): Promise<ValidatedSpec<K>>;
}

const VERBS: { readonly [K in SpecKind]: Verb<K> } = {
  preprocess: {
    start: (client, spec, options, { estimate, preview }) => {
      // The client rejects a spec without `semantic` here.
      if (estimate) return client.semanticIds.estimate(spec as TextsSpec, options);
      if (preview) return client.semanticIds.preview(spec as TextsSpec, options);
      return client.preprocess(spec, options);
    },
    validate: (client, spec) => client.validate.preprocess(spec),
  },
  train: {
    start: (client, spec, options) => client.train(spec, options),
    validate: (client, spec) => client.validate.train(spec),
  },
  evaluate: {
    start: (client, spec, options) => client.evaluate(spec, options),
    validate: (client, spec) => client.validate.evaluate(spec),
  },
  export: {
    start: (client, spec, options) => client.export(spec, options),
    validate: (client, spec) => client.validate.export(spec),
  },
};
