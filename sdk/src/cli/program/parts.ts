/** What several commands are made of. */

import { type Command, Option } from "commander";
import { assignment, duration, gate } from "../flags.js";

export function command(parent: Command, name: string, summary: string): Command {
  return parent.command(name).description(summary).copyInheritedSettings(parent);
}

/** What a command has that waits for a run. */
export function addFollow(self: Command, onInterrupt: "cancel" | "detach"): Command {
  return addWait(self, onInterrupt)
    .option("--require <gate>", "fail unless a metric fits, for example 'recall@20>=0.05' (repeatable)", gate)
    .option("--junit <path>", "write a JUnit report")
    .option("--summary <path>", "write a Markdown summary");
}

/** What a command has that waits for a run without metrics. */
export function addWait(self: Command, onInterrupt: "cancel" | "detach"): Command {
  return self
    .option("--timeout <time>", "wait at most this long, for example 10m; the run goes on", duration)
    .addOption(onInterruptOption(onInterrupt));
}

export function onInterruptOption(standard: "cancel" | "detach"): Option {
  return new Option("--on-interrupt <what>", "what the first Ctrl-C does to the run")
    .choices(["cancel", "detach"])
    .default(standard);
}

export function rerunOption(): Option {
  return new Option(
    "--rerun <when>",
    "if the key's run failed: return it, or start anew (the default if CI is set)",
  ).choices(["never", "failed"]);
}

export function addSet(self: Command): Command {
  return self.option(
    "--set <path=value>",
    "change a field of the spec, for example epochs=5 (repeatable)",
    assignment,
  );
}
