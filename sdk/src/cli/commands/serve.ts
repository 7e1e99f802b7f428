/** `serve`: runs a server in the foreground. */

import type { LocalServer } from "../../local/index.js";
import { type GlobalFlags, runCommand } from "../command.js";
import { EXIT, UsageError } from "../exit-codes.js";
import { Interrupted, Interrupts } from "../interrupts.js";
import type { Finish } from "../output.js";

export interface ServeFlags extends GlobalFlags {
  readonly dataDir?: string;
  readonly host: string;
  readonly port: number;
  readonly importRoot?: readonly string[];
  readonly maxConcurrentRuns?: number;
}

/** Time after which a server that does not stop is killed. Its workers continue in both cases. */
const STOP_MS = 30_000;

export function serve(flags: ServeFlags): Promise<void> {
  return runCommand("serve", flags, async ({ output }) => {
    const { startLocalServer } = await import("../../local/index.js");
    let server: LocalServer | undefined;
    const interrupted = () => {
      if (!server) return interrupts.leave();
      output.note("stopping; active runs continue, and the next server finds them");
      void server.stop({ timeoutMs: STOP_MS });
    };
    using interrupts = new Interrupts(interrupted);
    interrupts.signal.addEventListener("abort", () => void server?.stop({ timeoutMs: 1 }));
    try {
      server = await startLocalServer({
        dataDir: flags.dataDir,
        host: flags.host,
        port: flags.port,
        importRoots: flags.importRoot,
        maxConcurrentRuns: flags.maxConcurrentRuns,
        onLog: (line) => output.note(line),
        signal: interrupts.signal,
      });
    } catch (error) {
      if (error instanceof Interrupted) return { quiet: true };
      throw error;
    }
    process.stdout.write(`${JSON.stringify({ endpoint: server.endpoint })}\n`);
    return ended(await server.exited, interrupts.exitCode !== undefined);
  });
}

/** Returns the outcome. A server that ends without a request to stop is an error. */
function ended({ code, signal }: { code: number | null; signal: string | null }, requested: boolean): Finish {
  if (requested || code === 0) return { quiet: true };
  const error = new UsageError(`the server ended unexpectedly with ${signal ?? `code ${code}`}`, {
    hint: "read its log above",
  });
  return { quiet: true, error, exitCode: code || EXIT.failed };
}
