/**
 * Converts runs to entries of comparisons and reports. Evaluates models that have not been evaluated, and groups runs that
 * differ only in the seed.
 */

import type { LghrecClient } from "../api/client.js";
import type { CallOptions } from "../api/options.js";
import type { RunInfo } from "../api/run.js";
import type { CompareRuns, ReportRuns } from "../api/study.js";
import { idOf } from "../convert/base.js";
import { InvalidArgumentError, NotFoundError } from "../errors.js";
import type { ArtifactRef, RunInput } from "../specs/common.js";
import type { CompareEntry, CompareSpec } from "../specs/gen/compare.js";
import type { EvaluateSettings } from "../specs/gen/evaluate.js";
import type { ReportEntry, ReportSpec } from "../specs/gen/report.js";
import { mapPool } from "./pool.js";
import { type Experiment, experimentKey, experimentNames, fieldText } from "./run-names.js";

export type Services = Pick<LghrecClient, "artifacts" | "evaluate" | "runs">;

/** Number of runs that are fetched or evaluated at the same time. */
const CONCURRENCY = 8;
/** Limit of the contract for the name of an entry, in characters. */
const MAX_NAME = 128;

/** The evaluation of one run. */
interface Evaluated {
  readonly runId: string;
  readonly report: ArtifactRef<"evaluation">;
  /** Absent for predictions of another program. */
  readonly model?: string;
  /** How the model was trained. Absent if its train run was deleted. */
  readonly experiment?: Experiment | undefined;
  /** Name to use if the training is unknown. */
  readonly fallback: string;
}

interface Group {
  readonly name: string;
  readonly members: readonly Evaluated[];
}

/**
 * Returns the spec of a comparison. A spec that lists its entries is returned unchanged.
 *
 * @throws InvalidArgumentError for a run that has not succeeded, or that is neither a train nor an evaluate run.
 */
export async function compareSpecOf(
  services: Services,
  spec: CompareSpec | CompareRuns,
  { signal, timeoutMs, headers }: CallOptions = {},
): Promise<CompareSpec> {
  if (spec.entries !== undefined) return spec;
  const options = { signal, timeoutMs, headers };
  const { runs = [], named = {}, evaluate, entries: _, ...settings } = spec;
  const evaluateSettings = withCutoffs(evaluate ?? {}, settings.metrics ?? []);
  const evaluateRun = (run: RunInput) => evaluated(services, run, evaluateSettings, options);
  const names = Object.keys(named);
  const all = await mapPool([...Object.values(named).flat(), ...runs], CONCURRENCY, evaluateRun);
  const given = names.map((name) => ({ name, members: all.splice(0, named[name]?.length ?? 0) }));
  const entries = [...given, ...grouped(all, names)].map(
    ({ name, members }): CompareEntry => ({
      name,
      // Several runs with equal specs share one evaluation.
      reports: [...new Set(members.map(({ report }) => report.id))],
    }),
  );
  return { ...settings, entries };
}

/**
 * Returns the spec of a report. A spec that lists its entries is returned unchanged.
 *
 * @throws InvalidArgumentError for a run that has not succeeded, or that has no model.
 */
export async function reportSpecOf(
  services: Services,
  spec: ReportSpec | ReportRuns,
  { signal, timeoutMs, headers }: CallOptions = {},
): Promise<ReportSpec> {
  if (spec.entries !== undefined) return spec;
  const options = { signal, timeoutMs, headers };
  const { runs, sweeps = [], comparison, evaluate = {} } = spec;
  const infos = await mapPool(runs, CONCURRENCY, (run) => succeeded(services, run, options));
  const table = infos.map(({ result }) => result).find((result) => result?.kind === "compare");
  const evaluateRun = (run: RunInput) => evaluated(services, run, evaluate, options);
  const models = await mapPool(
    infos.filter(({ kind }) => kind !== "compare"),
    CONCURRENCY,
    evaluateRun,
  );
  const swept = await mapPool(sweeps, 1, async ({ field, runs: varied }) => {
    const members = await mapPool(varied, CONCURRENCY, evaluateRun);
    return { field, entries: distinct(members.map((one) => entryOf(fieldOf(one, field), one))) };
  });
  const shown = comparison ?? table?.report;
  return {
    entries: distinct(grouped(models, []).flatMap(seedEntries)),
    ...(swept.length > 0 && { sweeps: swept }),
    ...(shown !== undefined && { comparison: shown }),
  };
}

/**
 * Returns the settings with the cutoffs of `metrics`, for example 20 for `ndcg@20`, unless they have cutoffs. A comparison
 * rejects evaluations without the cutoffs of its metrics.
 */
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
    hint: ended ? "remove it, or start it again" : `wait for it: lghrec attach ${info.id}`,
  });
}

async function evaluated(
  services: Services,
  run: RunInput,
  settings: EvaluateSettings,
  options: CallOptions,
): Promise<Evaluated> {
  const info = await succeeded(services, run, options);
  const { id: runId } = info;
  if (info.kind === "train" && info.result !== undefined) {
    const { model } = info.result;
    // An evaluation with the same spec exists at most once: the server returns the results of the earlier run.
    const { report } = await services
      .evaluate({ ...settings, model, predictions: undefined }, options)
      .wait({ signal: options.signal });
    return { runId, report, model: model.id, experiment: info, fallback: runId };
  }
  if (info.kind !== "evaluate" || info.result === undefined) {
    const message = `run ${runId} has the kind ${info.kind}, expected train or evaluate`;
    throw new InvalidArgumentError(message, { runId });
  }
  const { model, predictions } = info.spec;
  const { report } = info.result;
  if (model === undefined) {
    const file = predictions?.path?.split("/").findLast((part) => part !== "");
    return { runId, report, fallback: file ?? `predictions ${runId}` };
  }
  const experiment = await trainingOf(services, idOf(model), options);
  return { runId, report, model: idOf(model), experiment, fallback: runId };
}

/** Returns how a model was trained, or undefined if its train run was deleted. */
async function trainingOf(
  { artifacts, runs }: Services,
  model: string,
  options: CallOptions,
): Promise<Experiment | undefined> {
  try {
    const { runId } = await artifacts.get(model, options);
    const info = await runs.get(runId, options);
    return info.kind === "train" ? info : undefined;
  } catch (error) {
    if (error instanceof NotFoundError) return undefined;
    throw error;
  }
}

/** Groups the runs of each experiment, in the order of their first runs. `taken` are names that other entries have. */
function grouped(members: readonly Evaluated[], taken: readonly string[]): Group[] {
  const keyOf = ({ experiment, runId }: Evaluated) => (experiment ? experimentKey(experiment.spec) : runId);
  const keys = [...new Set(members.map(keyOf))];
  const groups = keys.map((key) => members.filter((one) => keyOf(one) === key));
  const names = experimentNames(groups.flatMap(([first]) => first?.experiment ?? []));
  const used = new Set(taken);
  return groups.map((group) => {
    const [first] = group;
    const wanted = (first?.experiment ? names.shift() : first?.fallback) ?? "";
    const name = used.has(wanted) ? `${wanted} ${first?.runId}` : wanted;
    used.add(name);
    return { name: name.slice(0, MAX_NAME), members: group };
  });
}

function seedEntries({ name, members }: Group): ReportEntry[] {
  if (members.length === 1) return members.map((one) => entryOf(name, one));
  return members.map((one) => entryOf(`${name}, seed ${fieldOf(one, "seed")}`, one));
}

function fieldOf({ experiment }: Evaluated, path: string): string {
  return fieldText(experiment?.spec ?? {}, path);
}

function entryOf(name: string, { runId, model, report }: Evaluated): ReportEntry {
  if (model !== undefined) return { name, model, evaluation: report };
  const message = `run ${runId} evaluated predictions, expected a model`;
  throw new InvalidArgumentError(message, { runId, hint: "a report requires trained models" });
}

/** Removes models that are listed twice, and numbers different models that have the same name. */
function distinct(entries: readonly ReportEntry[]): ReportEntry[] {
  const once = entries.filter(({ model }, index) => entries.findIndex((e) => e.model === model) === index);
  return once.map((entry, index) => {
    const before = once.slice(0, index).filter(({ name }) => name === entry.name).length;
    return before === 0 ? entry : { ...entry, name: `${entry.name} (${before + 1})` };
  });
}
