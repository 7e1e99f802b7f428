/** `doctor`: checks that the server answers, that it is compatible, and that a server can be started here. */

import type { ServerInfo } from "../../index.js";
import { type Context, type GlobalFlags, runCommand } from "../command.js";
import { EXIT, exitCodeOf, isLghrecError } from "../exit-codes.js";
import { Interrupts } from "../interrupts.js";
import { table } from "../terminal/table.js";

interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
  readonly hint?: string | undefined;
}

export function doctor(flags: GlobalFlags & { wait?: number }): Promise<void> {
  return runCommand("doctor", flags, async (context) => {
    using interrupts = new Interrupts(() => interrupts.leave());
    const python = await checkPython();
    const answer = await callServer(context, flags.wait, interrupts.signal);
    const checks = [...serverChecks(answer), python];
    const server = "info" in answer ? answer.info : undefined;
    const lines = checks.map(({ name, ok, detail, hint }) => [name, ok ? "ok" : "--", detail, hint ?? ""]);
    const text = table(["CHECK", "", "FOUND", "HINT"], lines);
    if ("info" in answer) return { result: { checks, server }, text };
    const exitCode = interrupts.exitCode ?? exitCodeOfServer(answer.error);
    return { result: { checks }, error: answer.error, text, exitCode };
  });
}

type Answer = { info: ServerInfo } | { error: unknown };

async function callServer(context: Context, wait: number | undefined, signal: AbortSignal): Promise<Answer> {
  try {
    const client = await context.client();
    const ready =
      wait === undefined ? client.serverInfo({ signal }) : client.waitForReady({ timeoutMs: wait, signal });
    return { info: await ready };
  } catch (error) {
    return { error };
  }
}

function serverChecks(answer: Answer): Check[] {
  if ("info" in answer) {
    const { version, apiRevision, devices } = answer.info;
    return [
      { name: "server", ok: true, detail: `version ${version}, ${devices.join(", ")}` },
      { name: "contract", ok: true, detail: `revision ${apiRevision}` },
    ];
  }
  const { message, hint } = answer.error as { message: string; hint?: string | undefined };
  return [{ name: "server", ok: false, detail: message, hint }];
}

// Only a server on this machine needs Python, so a missing Python is reported but is not a failure.
async function checkPython(): Promise<Check> {
  const { findPython } = await import("../../local/index.js");
  try {
    const { command, version, source } = await findPython();
    return {
      name: "python",
      ok: true,
      detail: `${[command, version].filter(Boolean).join(" ")} (${source})`,
    };
  } catch (error) {
    const { message, hint } = error as { message: string; hint?: string | undefined };
    return { name: "python", ok: false, detail: message, hint };
  }
}

/** Returns the exit code. A server that does not answer in time counts as unreachable, since there is no run. */
function exitCodeOfServer(error: unknown): number {
  return isLghrecError(error, "timeout") ? EXIT.unreachable : exitCodeOf(error);
}
