/** Follows a run to its end: progress, interrupts, requirements, reports. */

import type { LghrecClient, Run, RunInfo, RunOutcome } from "../index.js";
import type { Context } from "./command.js";
import { EXIT, exitCodeOfState, isLghrecError } from "./exit-codes.js";
import { checkGates, failuresOf, type Gate, type GateOutcome, metricsOf } from "./gates.js";
import { Interrupted, Interrupts, untilAborted } from "./interrupts.js";
import type { Finish } from "./output.js";
import { writeReports } from "./reports.js";
import { ProgressLine } from "./terminal/progress-line.js";
import { resultText } from "./terminal/result-text.js";
import { progressStream } from "./terminal/status-line.js";

export interface FollowFlags {
  /** Milliseconds. */
  readonly timeout?: number;
  readonly require?: readonly Gate[];
  readonly onInterrupt?: "cancel" | "detach";
  readonly junit?: string;
  readonly summary?: string;
}

/** Tells how to get back to a run, before anything else can go wrong. */
export function announce(context: Context, id: string): void {
  context.output.note(`run ${id}\n  attach: lghrec attach ${id}\n  cancel: lghrec cancel ${id}`);
}

/** How long a run may take to start before somebody wonders. */
const SLOW_START_MS = 2_000;

/** As `announce`, for a run that first has models evaluated. */
export async function announceLate<R extends Run>(context: Context, starting: Promise<R>): Promise<R> {
  const why = "evaluating models that have not been evaluated yet";
  const timer = setTimeout(() => context.output.note(why), SLOW_START_MS);
  try {
    const run = await starting;
    announce(context, run.id);
    return run;
  } finally {
    clearTimeout(timer);
  }
}

/** Waits until the run has ended, by whatever way, and says how. The run id may still be on its way. */
export async function follow(context: Context, starting: Promise<Run>, flags: FollowFlags): Promise<Finish> {
  const { output } = context;
  const progress = new ProgressLine(progressStream(output.options.quiet));
  using interrupts = new Interrupts(() => void interrupted());
  let known: Run | undefined;

  const interrupted = async (): Promise<void> => {
    progress.clear();
    if (flags.onInterrupt === "detach") return interrupts.leave();
    output.note("cancelling the run; press again to leave at once");
    const { signal } = interrupts;
    // The submit may not have been answered yet; a refused cancel shows in how the run goes on.
    const cancelled = starting.then((run) =>
      run.cancel({ reason: "interrupted at the command line", signal }),
    );
    await cancelled.catch((error: unknown) =>
      output.note(`the run could not be cancelled: ${String(error)}`),
    );
  };

  try {
    known = await untilAborted(starting, interrupts.signal);
    const outcome = await known.settled({
      signal: interrupts.signal,
      ...(flags.timeout === undefined ? {} : { timeoutMs: flags.timeout }),
      onEvent: (event) => {
        progress.update(event);
        output.event(event);
      },
    });
    progress.clear();
    return await conclude(await context.client(), known, outcome, { flags, interrupts });
  } catch (error) {
    progress.clear();
    return abandoned(context, known, error, interrupts.exitCode);
  }
}

interface End {
  readonly flags: FollowFlags;
  readonly interrupts: Interrupts;
}

async function conclude(client: LghrecClient, run: Run, outcome: RunOutcome, end: End): Promise<Finish> {
  const { flags, interrupts } = end;
  const info = await client.runs.get(run.id);
  const result = outcome.state === "succeeded" ? outcome.result : undefined;
  const gates = result ? checkGates(flags.require ?? [], metricsOf(result)) : [];
  await writeReports({ info, gates }, flags);
  const error = await errorOf(info, gates);
  return {
    run: info,
    result,
    error,
    text: result && resultText(info.id, result),
    exitCode: interrupts.exitCode ?? (failuresOf(gates).length > 0 ? EXIT.gate : exitCodeOfState(info.state)),
  };
}

/** The error that `wait()` would have raised for how the run ended, or that its metrics deserve. */
async function errorOf(info: RunInfo, gates: readonly GateOutcome[]): Promise<unknown> {
  const { GateFailedError, RunCancelledError, RunFailedError } = await import("../index.js");
  if (info.failure) return new RunFailedError(info.id, info.failure);
  if (info.state === "cancelled") return new RunCancelledError(info.id);
  const failures = failuresOf(gates);
  return failures.length > 0 ? new GateFailedError(failures, { runId: info.id }) : undefined;
}

/** The waiting ended before the run did; the run goes on. */
function abandoned(
  context: Context,
  run: Run | undefined,
  error: unknown,
  exitCode: number | undefined,
): Finish {
  if (!(error instanceof Interrupted) && !isLghrecError(error)) throw error;
  if (run && goesOn(error)) context.output.note(`the run goes on: lghrec attach ${run.id}`);
  const known = run && { id: run.id, ...(run.kind ? { kind: run.kind } : {}) };
  return { run: known, error, exitCode };
}

function goesOn(error: Error): boolean {
  if (!isLghrecError(error)) return true;
  return error.code === "timeout" || error.code === "connection" || error.code === "unavailable";
}
