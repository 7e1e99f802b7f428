/** Trains and evaluates variants over several seeds and compares them. A repeated call starts only what is missing. */

import { createHash } from "node:crypto";
import type { LghrecClient } from "../api/client.js";
import type { SubmitOptions } from "../api/options.js";
import type { RunKind, RunOutcome } from "../api/run.js";
import type { Run } from "../api/run-handle.js";
import type {
  AblationFailure,
  AblationOptions,
  AblationProgress,
  AblationResult,
  AblationRun,
} from "../api/study.js";
import { VARIANTS } from "../convert/variants.js";
import { InvalidArgumentError, NotFoundError } from "../errors.js";
import { LinkedAbort } from "../rpc/abort.js";
import type { EvaluateSettings, ModelEvaluateSpec } from "../specs/gen/evaluate.js";
import type { TrainSpec } from "../specs/gen/train.js";
import type { Variant } from "../specs/gen/variants.js";
import { withCutoffs } from "./compare.js";
import { mapPool } from "./pool.js";

type Services = Pick<LghrecClient, "compare" | "evaluate" | "serverInfo" | "train" | "validate">;

/** The variants of the method. In the contract they come first, and `full` is the last of them. */
const METHOD = VARIANTS.slice(0, VARIANTS.indexOf("full") + 1);
const SEEDS = 5;
/** Number of specs that are validated at the same time. */
const CONCURRENT_CHECKS = 8;

/** One variant with one seed. */
interface Trial {
  readonly variant: Variant;
  readonly seed: number;
  readonly spec: TrainSpec;
  /** Equal for trials with equal specs. */
  readonly key: string;
}

type Step = AblationProgress["step"];

/**
 * Runs an ablation. See `LghrecClient.ablation`.
 *
 * @throws InvalidArgumentError before any run starts, if a variant cannot be derived from the spec.
 */
export async function ablation(
  services: Services,
  spec: TrainSpec,
  options: AblationOptions = {},
): Promise<AblationResult> {
  const variants = [...new Set(options.variants ?? METHOD)];
  const baseline = baselineOf(variants, options.baseline);
  const trials = variants.flatMap((variant) =>
    seedsOf(spec, options.seeds).map((seed) => ({
      variant,
      seed,
      spec: { ...spec, seed, variant },
    })),
  );
  const { signal } = options;
  const keyed = await mapPool(trials, CONCURRENT_CHECKS, async (trial): Promise<Trial> => {
    const { specDigest } = await services.validate.train(trial.spec, { signal });
    return { ...trial, key: digest([specDigest, trial.variant, trial.seed]) };
  });
  const limit = options.concurrency ?? (await services.serverInfo({ signal })).maxConcurrentRuns;
  const ended = await new TrialRunner(services, options, keyed.length).all(keyed, Math.max(1, limit));
  const runs = ended.filter((one) => "report" in one);
  const failures = ended.filter((one) => "step" in one);
  return { runs, failures, baseline, ...(await compared(services, runs, baseline, options)) };
}

/** Performs the two runs of each trial, one after the other. */
class TrialRunner {
  readonly #services: Services;
  readonly #options: AblationOptions;
  readonly #evaluate: EvaluateSettings;
  readonly #total: number;
  readonly #stop: LinkedAbort;
  readonly #active = new Set<Promise<unknown>>();
  #done = 0;

  constructor(services: Services, options: AblationOptions, total: number) {
    this.#services = services;
    this.#options = options;
    this.#evaluate = withCutoffs(options.evaluate ?? {}, options.compare?.metrics ?? []);
    this.#total = total;
    this.#stop = new LinkedAbort(options.signal);
  }

  /** Performs all trials, at most `limit` at a time. After an error it waits until the active trials have stopped. */
  async all(trials: readonly Trial[], limit: number): Promise<(AblationRun | AblationFailure)[]> {
    try {
      return await mapPool(trials, limit, (trial) => {
        const performed = this.#perform(trial);
        this.#active.add(performed);
        return performed;
      });
    } catch (error) {
      this.#stop.abort(error);
      await Promise.allSettled(this.#active);
      throw error;
    } finally {
      this.#stop.dispose();
    }
  }

  async #perform(trial: Trial): Promise<AblationRun | AblationFailure> {
    const { train, evaluate, validate } = this.#services;
    const { signal } = this.#stop;
    const training = await this.#start(trial, trial.key, (options) => train(trial.spec, options));
    const trained = await this.#outcome(trial, "train", training);
    if (trained.state !== "succeeded") return failureOf(trial, "train", training.id, trained);
    const { model } = trained.result;
    const spec: ModelEvaluateSpec = { ...this.#evaluate, model };
    const { specDigest } = await validate.evaluate(spec, { signal });
    const key = digest([trial.key, specDigest]);
    const evaluating = await this.#start(trial, key, (options) => evaluate(spec, options));
    const evaluated = await this.#outcome(trial, "evaluate", evaluating);
    if (evaluated.state !== "succeeded") return failureOf(trial, "evaluate", evaluating.id, evaluated);
    const { report, metrics } = evaluated.result;
    const { variant, seed } = trial;
    const ids = { trainRunId: training.id, evaluateRunId: evaluating.id };
    return { variant, seed, ...ids, model, report, metrics };
  }

  /**
   * Starts a run, or returns the run of an earlier call. A run that was cancelled or deleted is started anew, also if
   * `rerun` is `never`.
   */
  async #start<K extends RunKind>(
    { variant, seed }: Trial,
    key: string,
    submit: (options: SubmitOptions) => Promise<Run<K>>,
  ): Promise<Run<K>> {
    const { signal } = this.#stop;
    const labels = { ...this.#options.labels, variant, seed: String(seed) };
    // The server rejects a key that comes again with other labels, so the key depends on the labels.
    const options = { idempotencyKey: `ablation-${digest([key, labels])}`, labels, signal };
    if (this.#options.rerun === "failed") return submit({ ...options, rerun: "failed" });
    try {
      const run = await submit(options);
      if (!run.deduplicated || (await run.info({ signal })).state !== "cancelled") return run;
    } catch (error) {
      if (!(error instanceof NotFoundError && error.reason === "RUN_UNKNOWN")) throw error;
    }
    return submit({ ...options, rerun: "failed" });
  }

  async #outcome<K extends RunKind>(trial: Trial, step: Step, run: Run<K>): Promise<RunOutcome<K>> {
    this.#report(trial, step, run.id, "started");
    try {
      const outcome = await run.settled({ signal: this.#stop.signal });
      if (step === "evaluate" || outcome.state !== "succeeded") this.#done++;
      this.#report(trial, step, run.id, outcome.state);
      return outcome;
    } catch (error) {
      if (this.#options.signal?.aborted && this.#options.cancelOnAbort) await cancelled(run);
      throw error;
    }
  }

  #report({ variant, seed }: Trial, step: Step, runId: string, state: AblationProgress["state"]): void {
    const counts = { done: this.#done, total: this.#total };
    this.#options.onProgress?.({ variant, seed, step, state, runId, ...counts });
  }
}

/** Compares the evaluations. Returns no rows without the baseline, or without another variant. */
async function compared(
  services: Services,
  runs: readonly AblationRun[],
  baseline: Variant,
  { compare, signal }: AblationOptions,
): Promise<Pick<AblationResult, "rows" | "comparison">> {
  const names = [...new Set(runs.map(({ variant }) => variant))];
  if (!names.includes(baseline) || names.length < 2) return { rows: [] };
  const entries = names.map((name) => {
    const reports = runs.filter(({ variant }) => variant === name).map(({ report }) => report.id);
    return { name, reports: [...new Set(reports)] };
  });
  const { rows, report } = await services
    .compare({ ...compare, entries, baseline }, { signal })
    .wait({ signal });
  return { rows, comparison: report };
}

function failureOf(
  { variant, seed }: Trial,
  step: Step,
  runId: string,
  outcome: RunOutcome,
): AblationFailure {
  return { variant, seed, step, runId, ...(outcome.state === "failed" && { failure: outcome.failure }) };
}

// An error of the cancel call must not hide the reason of the abort.
async function cancelled(run: Run): Promise<void> {
  await run.cancel({ reason: "the ablation was aborted" }).catch(() => {});
}

function baselineOf(variants: readonly Variant[], wanted: Variant | undefined): Variant {
  const [first] = variants;
  if (first === undefined) throw new InvalidArgumentError("variants: expected at least one, got none");
  if (wanted === undefined) return variants.includes("full") ? "full" : first;
  if (variants.includes(wanted)) return wanted;
  throw new InvalidArgumentError(`baseline: expected one of ${variants.join(", ")}, got ${wanted}`);
}

function seedsOf({ seed: first = 0 }: TrainSpec, seeds: AblationOptions["seeds"] = SEEDS): number[] {
  const wanted = typeof seeds === "number" ? Array.from({ length: seeds }, (_, i) => first + i) : [...seeds];
  const distinct = [...new Set(wanted)];
  if (distinct.length > 0) return distinct;
  throw new InvalidArgumentError(`seeds: expected at least one, got ${JSON.stringify(seeds)}`);
}

function digest(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, 32);
}
