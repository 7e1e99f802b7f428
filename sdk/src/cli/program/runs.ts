/** Commands about runs that exist already. */

import { type Command, Option } from "commander";
import { integer, keyValue } from "../flags.js";
import { addFollow, command } from "./parts.js";
import { RUN_KINDS } from "./submit.js";

const STATES = ["queued", "starting", "running", "stopping", "succeeded", "failed", "cancelled"];

export function addRuns(program: Command): void {
  const runs = command(program, "runs", "look at the runs of the server");
  command(runs, "list", "list runs, newest first")
    .addOption(new Option("--kind <kind...>", "only these kinds").choices(RUN_KINDS))
    .addOption(new Option("--state <state...>", "only these states").choices(STATES))
    .option("--label <key=value>", "only runs with this label (repeatable)", keyValue)
    .option("--limit <number>", "at most this many", integer(1, 100_000), 50)
    .action(async (_, self: Command) =>
      (await import("../commands/runs.js")).listRuns(self.optsWithGlobals()),
    );
  command(runs, "get", "show one run")
    .argument("<id>", "id of the run")
    .action(async (id: string, _, self: Command) =>
      (await import("../commands/runs.js")).getRun(id, self.optsWithGlobals()),
    );
  addFollow(command(program, "attach", "wait for a run that is there already"), "detach")
    .argument("<id>", "id of the run")
    .action(async (id: string, _, self: Command) =>
      (await import("../commands/attach.js")).attach(id, self.optsWithGlobals()),
    );
  command(program, "cancel", "ask a run to stop")
    .argument("<id>", "id of the run")
    .option("--now", "kill its worker instead of stopping at the next step")
    .option("--reason <text>", "kept in the run's log")
    .action(async (id: string, _, self: Command) =>
      (await import("../commands/cancel.js")).cancel(id, self.optsWithGlobals()),
    );
  command(program, "download", "fetch the files of an artifact, or all outputs of a run")
    .argument("<id>", "id of an artifact or a run")
    .argument("<dir>", "folder to write to; a run with several outputs gets a folder for each")
    .action(async (id: string, dir: string, _, self: Command) =>
      (await import("../commands/download.js")).download(id, dir, self.optsWithGlobals()),
    );
}
