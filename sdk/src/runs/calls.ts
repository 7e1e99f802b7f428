/** Calls about existing runs. */

import type { CallOptions } from "../api/options.js";
import type { RunInfo } from "../api/run.js";
import type { CancelOptions, RunFilter } from "../api/run-handle.js";
import { missingField } from "../convert/base.js";
import { enumNames } from "../convert/enum-names.js";
import { toRunInfo } from "../convert/run.js";
import { type ErrorOptions, InvalidArgumentError } from "../errors.js";
import { RunStateSchema } from "../gen/lghrec/v1/run_event_pb.js";
import { CancelMode, RunKindSchema, type Run as RunMessage, RunService } from "../gen/lghrec/v1/run_pb.js";
import { type PageRequest, pages } from "../rpc/paging.js";
import type { Rpc } from "../rpc/rpc.js";

export async function getRun(rpc: Rpc, id: string, options?: CallOptions): Promise<RunInfo> {
  const { run } = await rpc.unary(
    RunService.method.getRun,
    { runId: id },
    { ...options, run: errorFacts(id) },
  );
  return infoOf(run);
}

export async function cancelRun(rpc: Rpc, id: string, options: CancelOptions = {}): Promise<RunInfo> {
  const { mode, reason, ...call } = options;
  const request = {
    runId: id,
    mode: mode === "now" ? CancelMode.NOW : CancelMode.GRACEFUL,
    ...(reason !== undefined && { reason }),
  };
  const { run } = await rpc.unary(RunService.method.cancelRun, request, { ...call, run: errorFacts(id) });
  return infoOf(run);
}

export async function deleteRun(rpc: Rpc, id: string, options?: CallOptions): Promise<void> {
  await rpc.unary(RunService.method.deleteRun, { runId: id }, { ...options, run: { runId: id } });
}

/** Yields the runs that match, newest first. Throws `InvalidArgumentError` for an unknown kind or state. */
export async function* listRuns(
  rpc: Rpc,
  filter: RunFilter = {},
  options?: CallOptions,
): AsyncGenerator<RunInfo, void, void> {
  const conditions = {
    kinds: enumNumbers(RunKindSchema, filter.kinds),
    states: enumNumbers(RunStateSchema, filter.states),
    labels: { ...filter.labels },
  };
  const fetch = (page: PageRequest) =>
    rpc.unary(RunService.method.listRuns, { ...conditions, ...page }, options);
  for await (const { runs } of pages(fetch)) for (const run of runs) yield toRunInfo(run);
}

/** Facts that the errors of calls about a run carry. */
export function errorFacts(runId: string): Pick<ErrorOptions, "runId" | "attachHint"> {
  const attachHint = `the run continues: client.runs.attach("${runId}"), or lghrec attach ${runId}`;
  return { runId, attachHint };
}

function infoOf(run: RunMessage | undefined): RunInfo {
  if (run === undefined) throw missingField("the run");
  return toRunInfo(run);
}

function enumNumbers(desc: Parameters<typeof enumNames>[0], names: readonly string[] = []): number[] {
  const numbers = enumNames(desc);
  return names.map((name) => {
    const number = numbers.get(name);
    if (number !== undefined) return number;
    const expected = `expected one of ${[...numbers.keys()].join(", ")}`;
    throw new InvalidArgumentError(`unknown ${desc.name}, got ${JSON.stringify(name)}, ${expected}`);
  });
}
