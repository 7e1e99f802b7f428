/** `doctor`: is the server there, does it fit this client, could one be started here. */

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
    const asked = await askServer(context, flags.wait, interrupts.signal);
    const checks = [...serverChecks(asked), python];
    const server = "info" in asked ? asked.info : undefined;
    const lines = checks.map(({ name, ok, detail, hint }) => [name, ok ? "ok" : "--", detail, hint ?? ""]);
    const text = table(["CHECK", "", "FOUND", "HINT"], lines);
    if ("info" in asked) return { result: { checks, server }, text };
    const exitCode = interrupts.exitCode ?? exitCodeOfServer(asked.error);
    return { result: { checks }, error: asked.error, text, exitCode };
  });
}

type Asked = { info: ServerInfo } | { error: unknown };

async function askServer(context: Context, wait: number | undefined, signal: AbortSignal): Promise<Asked> {
  try {
    const client = await context.client();
    const ready =
      wait === undefined ? client.serverInfo({ signal }) : client.waitForReady({ timeoutMs: wait, signal });
    return { info: await ready };
  } catch (error) {
    return { error };
  }
}

function serverChecks(asked: Asked): Check[] {
  if ("info" in asked) {
    const { version, apiRevision, devices } = asked.info;
    return [
      { name: "server", ok: true, detail: `version ${version}, ${devices.join(", ")}` },
      { name: "contract", ok: true, detail: `revision ${apiRevision}` },
    ];
  }
  const { message, hint } = asked.error as { message: string; hint?: string | undefined };
  return [{ name: "server", ok: false, detail: message, hint }];
}

// Only a server on this machine needs it, so a missing Python is told but is no failure.
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

/** A server that did not answer in time was not reached: there is no run that goes on. */
function exitCodeOfServer(error: unknown): number {
  return isLghrecError(error, "timeout") ? EXIT.unreachable : exitCodeOf(error);
}
