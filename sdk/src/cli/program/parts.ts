/** Options that several commands share. */

import { type Command, Option } from "commander";
import { assignment, duration, gate } from "../flags.js";

/** Adds a command to `parent`. */
export function command(parent: Command, name: string, summary: string): Command {
  return parent.command(name).description(summary).copyInheritedSettings(parent);
}

/** Adds the options of a command that waits for a run with metrics. */
export function addFollow(self: Command, onInterrupt: "cancel" | "detach"): Command {
  return addWait(self, onInterrupt)
    .option(
      "--require <gate>",
      "exit with 3 unless the metric meets this, for example 'recall@20>=0.05' (repeatable)",
      gate,
    )
    .option("--junit <path>", "write a JUnit report to this file")
    .option("--summary <path>", "write a Markdown summary to this file");
}

/** Adds the options of a command that waits for a run. */
export function addWait(self: Command, onInterrupt: "cancel" | "detach"): Command {
  return self
    .option("--timeout <time>", "wait at most this long, for example 10m; the run continues", duration)
    .addOption(onInterruptOption(onInterrupt));
}

export function onInterruptOption(preset: "cancel" | "detach"): Option {
  return new Option("--on-interrupt <what>", "effect of the first Ctrl-C on the run")
    .choices(["cancel", "detach"])
    .default(preset);
}

export function rerunOption(): Option {
  return new Option(
    "--rerun <when>",
    "if the run of the key failed: return it, or start a new run; the default is failed if CI is set, else never",
  ).choices(["never", "failed"]);
}

export function addSet(self: Command): Command {
  return self.option(
    "--set <path=value>",
    "set a field of the spec, for example epochs=5 (repeatable)",
    assignment,
  );
}
