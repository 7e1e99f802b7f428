/** `report`: creates a page of figures and downloads it. */

import { resolve } from "node:path";
import type { ReportResult } from "../../index.js";
import { type GlobalFlags, runCommand } from "../command.js";
import { announceLate, type FollowFlags, follow } from "../follow.js";

export interface ReportFlags extends GlobalFlags, FollowFlags {
  readonly out: string;
  readonly sweep?: Readonly<Record<string, readonly string[]>>;
}

const PAGE = "report.html";

export function report(runs: readonly string[], flags: ReportFlags): Promise<void> {
  return runCommand("report", flags, async (context) => {
    const client = await context.client();
    const sweeps = Object.entries(flags.sweep ?? {}).map(([field, varied]) => ({ field, runs: varied }));
    const starting = client.report({ runs, sweeps });
    const finish = await follow(context, announceLate(context, starting), {
      onInterrupt: "cancel",
      ...flags,
    });
    const result = finish.result as ReportResult | undefined;
    if (result === undefined) return finish;
    const { files } = await client.artifacts.download(result.report, flags.out);
    const paths = files.map(({ path }) => resolve(flags.out, path));
    const page = resolve(flags.out, PAGE);
    return { ...finish, result: { ...result, page, files: paths }, text: page };
  });
}
