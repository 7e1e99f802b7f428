/** `ablation`: trains and evaluates variants of a train spec over several seeds, and prints their table. */

import { mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import type {
  AblationFailure,
  AblationOptions,
  AblationProgress,
  AblationResult,
  LghrecClient,
  TrainSpec,
  Variant,
} from "../../index.js";
import { type Context, type GlobalFlags, runCommand } from "../command.js";
import { asJson, comparisonTable, type TableFlags } from "../comparison.js";
import { EXIT, type LocatedViolation } from "../exit-codes.js";
import { Interrupted, Interrupts, untilAborted } from "../interrupts.js";
import type { Finish } from "../output.js";
import { locateViolations, readSpecFile, setChange } from "../spec-file.js";
import { progressStream, StatusLine } from "../terminal/status-line.js";

export interface AblationFlags extends GlobalFlags, TableFlags {
  readonly set?: readonly string[];
  readonly variants?: readonly string[];
  readonly seeds?: number;
  readonly baseline?: string;
  readonly metrics?: readonly string[];
  readonly resamples?: number;
  readonly concurrency?: number;
  readonly label?: Readonly<Record<string, string>>;
  readonly rerun?: "never" | "failed";
  readonly onInterrupt: "cancel" | "detach";
  readonly out?: string;
}

export function ablation(path: string, flags: AblationFlags): Promise<void> {
  return runCommand("ablation", asJson(flags), async (context) => {
    const spec = await readSpecFile<TrainSpec>(path, (flags.set ?? []).map(setChange));
    try {
      return await perform(context, spec.value, flags);
    } catch (error) {
      return { error, violations: locateViolations(error, spec) };
    }
  });
}

async function perform(context: Context, spec: TrainSpec, flags: AblationFlags): Promise<Finish> {
  const client = await context.client();
  const line = new StatusLine(progressStream(context.output.options.quiet), () => performance.now());
  const abort = new AbortController();
  using interrupts = new Interrupts((signal) => {
    line.clear();
    if (flags.onInterrupt === "cancel")
      context.output.note("cancelling the active runs; press Ctrl-C again to exit at once");
    abort.abort(new Interrupted(signal));
  });
  try {
    const running = client.ablation(spec, {
      ...optionsOf(flags),
      signal: abort.signal,
      onProgress: (event) => {
        context.output.record({ type: "ablation", ...event });
        show(line, event);
      },
    });
    const result = await untilAborted(running, interrupts.signal);
    line.clear();
    return await conclude(client, result, flags);
  } catch (error) {
    line.clear();
    if (!(error instanceof Interrupted)) throw error;
    context.output.note("finished runs are kept: the same command continues from here");
    return { error, exitCode: interrupts.exitCode };
  }
}

function optionsOf(flags: AblationFlags): AblationOptions {
  const { metrics, resamples, concurrency, seeds, label, onInterrupt } = flags;
  return {
    // The client rejects wrong names, and suggests the correct ones.
    variants: flags.variants as readonly Variant[] | undefined,
    baseline: flags.baseline as Variant | undefined,
    seeds,
    compare: { metrics, resamples },
    concurrency,
    labels: label,
    rerun: flags.rerun ?? (process.env.CI ? "failed" : undefined),
    cancelOnAbort: onInterrupt === "cancel",
  };
}

function show(line: StatusLine, { variant, seed, step, state, runId, done, total }: AblationProgress): void {
  if (state === "started") {
    line.draw(() => `${done}/${total}  ${variant}, seed ${seed}: ${step} ${runId}`, true);
  } else if (state !== "succeeded") {
    line.print(`${variant}, seed ${seed}: ${step} ${runId} ${state}`);
  }
}

async function conclude(client: LghrecClient, result: AblationResult, flags: AblationFlags): Promise<Finish> {
  const { rows, comparison, failures } = result;
  if (flags.out !== undefined) await write(client, result, flags.out);
  const text = comparison && (await comparisonTable(client, comparison, rows, flags));
  if (failures.length === 0)
    return { result, text: text ?? "nothing to compare: expected at least two variants" };
  return { result, text, error: new IncompleteError(failures), exitCode: EXIT.failed };
}

/** Writes the result and the files of the comparison to a folder. */
async function write(client: LghrecClient, result: AblationResult, out: string): Promise<void> {
  await mkdir(out, { recursive: true });
  await writeFile(join(out, "ablation.json"), `${JSON.stringify(result, null, 2)}\n`);
  if (result.comparison !== undefined) await client.artifacts.download(result.comparison, resolve(out));
}

/** Some runs of an ablation did not succeed. */
class IncompleteError extends Error {
  override readonly name = "IncompleteError";
  readonly code = "incomplete";
  readonly hint = "the same command with --rerun failed starts them again";
  readonly violations: readonly LocatedViolation[];

  constructor(failures: readonly AblationFailure[]) {
    const count = failures.length === 1 ? "1 run" : `${failures.length} runs`;
    super(`the table is incomplete: ${count} did not succeed`);
    this.violations = failures.map(({ variant, seed, step, runId, failure }) => {
      const what = failure === undefined ? "was cancelled" : `failed, ${failure.kind}: ${failure.message}`;
      return { path: `${variant}, seed ${seed}`, description: `${step} ${runId} ${what}` };
    });
  }
}
