/** Commands about existing runs: `runs`, `attach`, `cancel` and `download`. */

import { type Command, Option } from "commander";
import { integer, keyValue } from "../flags.js";
import { addFollow, command } from "./parts.js";
import { RUN_KINDS } from "./submit.js";

const STATES = ["queued", "starting", "running", "stopping", "succeeded", "failed", "cancelled"];

export function addRuns(program: Command): void {
  const runs = command(program, "runs", "list the runs of the server, or show one");
  command(runs, "list", "list runs, newest first")
    .addOption(new Option("--kind <kind...>", "only runs of these kinds").choices(RUN_KINDS))
    .addOption(new Option("--state <state...>", "only runs in these states").choices(STATES))
    .option("--label <key=value>", "only runs with this label (repeatable)", keyValue)
    .option("--limit <number>", "maximum number of runs", integer(1, 100_000), 50)
    .action(async (_, self: Command) =>
      (await import("../commands/runs.js")).listRuns(self.optsWithGlobals()),
    );
  command(runs, "get", "show a run")
    .argument("<id>", "id of the run")
    .action(async (id: string, _, self: Command) =>
      (await import("../commands/runs.js")).getRun(id, self.optsWithGlobals()),
    );
  addFollow(command(program, "attach", "wait for an existing run"), "detach")
    .argument("<id>", "id of the run")
    .action(async (id: string, _, self: Command) =>
      (await import("../commands/attach.js")).attach(id, self.optsWithGlobals()),
    );
  command(program, "cancel", "request a run to stop")
    .argument("<id>", "id of the run")
    .option("--now", "kill the worker instead of stopping after the current step")
    .option("--reason <text>", "text for the log of the run")
    .action(async (id: string, _, self: Command) =>
      (await import("../commands/cancel.js")).cancel(id, self.optsWithGlobals()),
    );
  command(program, "download", "download the files of an artifact, or all outputs of a run")
    .argument("<id>", "id of an artifact or a run")
    .argument(
      "<dir>",
      "folder to write to; each output of a run with several outputs gets a folder of its own",
    )
    .action(async (id: string, dir: string, _, self: Command) =>
      (await import("../commands/download.js")).download(id, dir, self.optsWithGlobals()),
    );
}
