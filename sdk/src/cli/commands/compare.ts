/** `compare`: compares runs with paired tests, and prints the table. */

import type { CompareResult } from "../../index.js";
import { type GlobalFlags, runCommand } from "../command.js";
import { asJson, comparisonTable, type TableFlags } from "../comparison.js";
import { UsageError } from "../exit-codes.js";
import { announceLate, type FollowFlags, follow } from "../follow.js";

export interface CompareFlags extends GlobalFlags, FollowFlags, TableFlags {
  readonly name?: Readonly<Record<string, readonly string[]>>;
  readonly baseline?: string;
  readonly metrics?: readonly string[];
  readonly resamples?: number;
}

export function compare(runs: readonly string[], flags: CompareFlags): Promise<void> {
  return runCommand("compare", asJson(flags), async (context) => {
    const { name: named = {}, baseline, metrics, resamples } = flags;
    const given = Object.values(named).flat().length + runs.length;
    if (given < 2) {
      const hint = "give train or evaluate runs; list them with: lghrec runs list --kind train";
      throw new UsageError(`too few runs to compare, expected at least 2, got ${given}`, {
        hint,
      });
    }
    const client = await context.client();
    const starting = client.compare({ runs, named, baseline, metrics, resamples });
    const finish = await follow(context, announceLate(context, starting), {
      onInterrupt: "cancel",
      ...flags,
    });
    const result = finish.result as CompareResult | undefined;
    if (result === undefined) return finish;
    return { ...finish, text: await comparisonTable(client, result.report, result.rows, flags) };
  });
}
