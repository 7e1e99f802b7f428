/** `runs list` and `runs get`. */

import type { RunInfo, RunKind, RunState } from "../../index.js";
import { type GlobalFlags, runCommand } from "../command.js";
import { rows, runRow, table } from "../terminal/table.js";

export interface ListFlags extends GlobalFlags {
  readonly kind?: readonly RunKind[];
  readonly state?: readonly RunState[];
  readonly label?: Readonly<Record<string, string>>;
  readonly limit: number;
}

export function listRuns(flags: ListFlags): Promise<void> {
  return runCommand("runs list", flags, async ({ client, output }) => {
    const found: RunInfo[] = [];
    const { runs } = await client();
    for await (const run of runs.list({ kinds: flags.kind, states: flags.state, labels: flags.label })) {
      output.record({ type: "run", ...run });
      if (found.push(run) >= flags.limit) break;
    }
    const text = table(["ID", "KIND", "STATE", "CREATED", "LABELS"], found.map(runRow));
    return { result: output.options.format === "ndjson" ? { count: found.length } : found, text };
  });
}

export function getRun(id: string, flags: GlobalFlags): Promise<void> {
  return runCommand("runs get", flags, async ({ client }) => {
    const info = await (await client()).runs.get(id);
    return { run: info, result: info.result, text: rows(info) };
  });
}
