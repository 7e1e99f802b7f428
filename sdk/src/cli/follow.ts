/** Follows a run to its end: shows progress, handles interrupts, checks requirements and writes reports. */

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

/** Options of commands that wait for a run. */
export interface FollowFlags {
  /** In milliseconds. */
  readonly timeout?: number;
  readonly require?: readonly Gate[];
  readonly onInterrupt?: "cancel" | "detach";
  readonly junit?: string;
  readonly summary?: string;
}

/** Writes the commands to attach to a run and to cancel it, before anything else can fail. */
export function announce(context: Context, id: string): void {
  context.output.note(`run ${id}\n  attach: lghrec attach ${id}\n  cancel: lghrec cancel ${id}`);
}

/** Time after which a note explains why a run has not started yet. */
const SLOW_START_MS = 2_000;

/** Like `announce`, for a run that starts only after models have been evaluated. */
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

/** Waits until the run has ended, and returns its outcome. The start call may not have been answered yet. */
export async function follow(context: Context, starting: Promise<Run>, flags: FollowFlags): Promise<Finish> {
  const { output } = context;
  const progress = new ProgressLine(progressStream(output.options.quiet));
  using interrupts = new Interrupts(() => void interrupted());
  let run: Run | undefined;

  const interrupted = async (): Promise<void> => {
    progress.clear();
    if (flags.onInterrupt === "detach") return interrupts.leave();
    output.note("cancelling the run; press Ctrl-C again to exit at once");
    const { signal } = interrupts;
    // The start call may not have been answered yet.
    const cancelled = starting.then((started) =>
      started.cancel({ reason: "interrupted at the command line", signal }),
    );
    await cancelled.catch((error: unknown) =>
      output.note(`the run could not be cancelled: ${String(error)}`),
    );
  };

  try {
    run = await untilAborted(starting, interrupts.signal);
    const outcome = await run.settled({
      signal: interrupts.signal,
      ...(flags.timeout === undefined ? {} : { timeoutMs: flags.timeout }),
      onEvent: (event) => {
        progress.update(event);
        output.event(event);
      },
    });
    progress.clear();
    return await conclude(await context.client(), run, outcome, { flags, interrupts });
  } catch (error) {
    progress.clear();
    return abandoned(context, run, error, interrupts.exitCode);
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

/** Returns the error of a run that failed, was cancelled or does not meet its requirements. */
async function errorOf(info: RunInfo, gates: readonly GateOutcome[]): Promise<unknown> {
  const { GateFailedError, RunCancelledError, RunFailedError } = await import("../index.js");
  if (info.failure) return new RunFailedError(info.id, info.failure);
  if (info.state === "cancelled") return new RunCancelledError(info.id);
  const failures = failuresOf(gates);
  return failures.length > 0 ? new GateFailedError(failures, { runId: info.id }) : undefined;
}

/** Describes a wait that ended before the run did. The run continues. */
function abandoned(
  context: Context,
  run: Run | undefined,
  error: unknown,
  exitCode: number | undefined,
): Finish {
  if (!(error instanceof Interrupted) && !isLghrecError(error)) throw error;
  if (run && continues(error)) context.output.note(`the run continues: lghrec attach ${run.id}`);
  const summary = run && { id: run.id, ...(run.kind ? { kind: run.kind } : {}) };
  return { run: summary, error, exitCode };
}

function continues(error: Error): boolean {
  if (!isLghrecError(error)) return true;
  return error.code === "timeout" || error.code === "connection" || error.code === "unavailable";
}
