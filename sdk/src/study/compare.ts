/** Runs -> entries of comparisons and reports: what is not evaluated yet is, and seeds find each other. */

import type { LghrecClient } from "../api/client.js";
import type { CallOptions } from "../api/options.js";
import type { RunInfo } from "../api/run.js";
import type { CompareRuns, ReportRuns } from "../api/study.js";
import { idOf } from "../convert/base.js";
import { InvalidArgumentError, NotFoundError } from "../errors.js";
import type { ArtifactRef, RunInput } from "../specs/common.js";
import type { CompareEntry, CompareSpec } from "../specs/compare.js";
import type { EvaluateSettings, EvaluateSpec } from "../specs/evaluate.js";
import type { ReportEntry, ReportSpec } from "../specs/report.js";
import { mapPool } from "./pool.js";
import { type Experiment, experimentNames, experimentOf, fieldText } from "./run-names.js";

export type Services = Pick<LghrecClient, "artifacts" | "evaluate" | "runs">;

/** How many runs are looked up, or wait for their evaluation, at a time. */
const AT_ONCE = 8;
const MAX_NAME = 128;

interface Measured {
  readonly runId: string;
  readonly report: ArtifactRef<"evaluation">;
  /** Absent for predictions of another program. */
  readonly model?: string;
  /** The resolved spec the model was trained by; absent if its run is gone. */
  readonly spec?: Readonly<Record<string, unknown>>;
  /** The variant that the server found the spec equal to. */
  readonly variant?: string | undefined;
  /** What it is called when nothing is known of its training. */
  readonly fallback: string;
}

interface Group {
  readonly name: string;
  readonly members: readonly Measured[];
}

/** Rejects with `InvalidArgumentError` for a run that has nothing to compare. */
export async function compareSpecOf(
  services: Services,
  spec: CompareSpec | CompareRuns,
  { signal, timeoutMs, headers }: CallOptions = {},
): Promise<CompareSpec> {
  if (spec.entries !== undefined) return spec;
  const options = { signal, timeoutMs, headers };
  const { runs = [], named = {}, evaluate, entries: _, ...settings } = spec;
  const how = withCutoffs(evaluate ?? {}, settings.metrics ?? []);
  const measure = (run: RunInput) => measured(services, run, how, options);
  const names = Object.keys(named);
  const all = await mapPool([...Object.values(named).flat(), ...runs], AT_ONCE, measure);
  const given = names.map((name) => ({ name, members: all.splice(0, named[name]?.length ?? 0) }));
  const entries = [...given, ...grouped(all, names)].map(
    ({ name, members }): CompareEntry => ({
      name,
      // Equal work has one report, however many runs did it.
      reports: [...new Set(members.map(({ report }) => report.id))],
    }),
  );
  return { ...settings, entries };
}

/** Rejects with `InvalidArgumentError` for a run that has no model. */
export async function reportSpecOf(
  services: Services,
  spec: ReportSpec | ReportRuns,
  { signal, timeoutMs, headers }: CallOptions = {},
): Promise<ReportSpec> {
  if (spec.entries !== undefined) return spec;
  const options = { signal, timeoutMs, headers };
  const { runs, sweeps = [], comparison, evaluate = {} } = spec;
  const infos = await mapPool(runs, AT_ONCE, (run) => succeeded(services, run, options));
  const table = infos.map(({ result }) => result).find((result) => result?.kind === "compare");
  const measure = (run: RunInput) => measured(services, run, evaluate, options);
  const models = await mapPool(
    infos.filter(({ kind }) => kind !== "compare"),
    AT_ONCE,
    measure,
  );
  const swept = await mapPool(sweeps, 1, async ({ field, runs: varied }) => {
    const members = await mapPool(varied, AT_ONCE, measure);
    return { field, entries: distinct(members.map((one) => entryOf(fieldText(one.spec ?? {}, field), one))) };
  });
  const shown = comparison ?? table?.report;
  return {
    entries: distinct(grouped(models, []).flatMap(seedEntries)),
    ...(swept.length > 0 && { sweeps: swept }),
    ...(shown !== undefined && { comparison: shown }),
  };
}

/** The metrics asked for have cutoffs; an evaluation without them would be refused by the comparison. */
export function withCutoffs(settings: EvaluateSettings, metrics: readonly string[]): EvaluateSettings {
  const cutoffs = metrics.map((name) => Number(name.split("@")[1])).filter((cutoff) => cutoff > 0);
  if (settings.cutoffs !== undefined || cutoffs.length === 0) return settings;
  return { ...settings, cutoffs: [...new Set(cutoffs)].sort((a, b) => a - b) };
}

async function succeeded({ runs }: Services, run: RunInput, options: CallOptions): Promise<RunInfo> {
  const info = await runs.get(idOf(run), options);
  if (info.state === "succeeded") return info;
  const ended = info.state === "failed" || info.state === "cancelled";
  throw new InvalidArgumentError(`run ${info.id} is ${info.state}, expected one that has succeeded`, {
    runId: info.id,
    hint: ended ? "leave it out, or start it again" : `wait for it: lghrec attach ${info.id}`,
  });
}

async function measured(
  services: Services,
  run: RunInput,
  evaluate: EvaluateSettings,
  options: CallOptions,
): Promise<Measured> {
  const info = await succeeded(services, run, options);
  const { result, id: runId } = info;
  if (result?.kind === "train") {
    const { model } = result;
    const { signal } = options;
    // The same work as before is answered by the same run's outputs: this costs nothing the second time.
    const { report } = await services
      .evaluate({ ...evaluate, model, predictions: undefined }, options)
      .wait({ signal });
    return { runId, report, model: model.id, ...experimentOfRun(info), fallback: runId };
  }
  if (result?.kind !== "evaluate") {
    throw new InvalidArgumentError(`run ${runId} is of the kind ${info.kind}, expected train or evaluate`, {
      runId,
    });
  }
  const { model, predictions } = info.spec as EvaluateSpec;
  if (model === undefined) {
    const file = predictions?.path?.split("/").findLast((part) => part !== "");
    return { runId, report: result.report, fallback: file ?? `predictions ${runId}` };
  }
  const trained = await trainingOf(services, idOf(model), options);
  return { runId, report: result.report, model: idOf(model), ...trained, fallback: runId };
}

/** By the run that stored the model first; undefined if that run has been removed. */
async function trainingOf({ artifacts, runs }: Services, model: string, options: CallOptions) {
  try {
    const { runId } = await artifacts.get(model, options);
    const info = await runs.get(runId, options);
    return info.kind === "train" ? experimentOfRun(info) : undefined;
  } catch (error) {
    if (error instanceof NotFoundError) return undefined;
    throw error;
  }
}

function experimentOfRun({ spec, variant }: RunInfo): Experiment {
  return { spec: spec as unknown as Experiment["spec"], ...(variant !== undefined && { variant }) };
}

/** One group for each experiment, in the order of its first run; `taken` are names that are in use. */
function grouped(members: readonly Measured[], taken: readonly string[]): Group[] {
  const keyOf = ({ spec, runId }: Measured) => (spec ? experimentOf(spec) : runId);
  const keys = [...new Set(members.map(keyOf))];
  const groups = keys.map((key) => members.filter((one) => keyOf(one) === key));
  const trained = groups.flatMap(([first]) =>
    first?.spec ? [{ spec: first.spec, variant: first.variant }] : [],
  );
  const names = experimentNames(trained);
  const used = new Set(taken);
  return groups.map((group) => {
    const [first] = group;
    const wanted = (first?.spec ? names.shift() : first?.fallback) ?? "";
    const name = used.has(wanted) ? `${wanted} ${first?.runId}` : wanted;
    used.add(name);
    return { name: name.slice(0, MAX_NAME), members: group };
  });
}

function seedEntries({ name, members }: Group): ReportEntry[] {
  if (members.length === 1) return members.map((one) => entryOf(name, one));
  return members.map((one) => entryOf(`${name}, seed ${fieldText(one.spec ?? {}, "seed")}`, one));
}

function entryOf(name: string, { runId, model, report }: Measured): ReportEntry {
  if (model !== undefined) return { name, model, evaluation: report };
  const message = `run ${runId} evaluated predictions, expected one of a model`;
  throw new InvalidArgumentError(message, { runId, hint: "a report needs trained models" });
}

/** The same model is shown once; different ones under one name are counted. */
function distinct(entries: readonly ReportEntry[]): ReportEntry[] {
  const once = entries.filter(({ model }, place) => entries.findIndex((e) => e.model === model) === place);
  return once.map((entry, place) => {
    const before = once.slice(0, place).filter(({ name }) => name === entry.name).length;
    return before === 0 ? entry : { ...entry, name: `${entry.name} (${before + 1})` };
  });
}
