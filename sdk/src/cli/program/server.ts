/** Commands about the server: start one, and check one. */

import type { Command } from "commander";
import { duration, integer, repeated } from "../flags.js";
import { command } from "./parts.js";

export function addServer(program: Command): void {
  command(program, "serve", "start a server and keep it running until it is interrupted")
    .option("--data-dir <path>", "where state is kept; else LGHREC_DATA_DIR, else in the user's data folder")
    .option("--host <address>", "address to listen on", "127.0.0.1")
    .option("--port <number>", "port to listen on; 0 takes a free one", integer(0, 65535), 7300)
    .option("--import-root <path>", "a folder that specs may name paths in (repeatable)", repeated)
    .option("--max-concurrent-runs <number>", "runs that work at the same time", integer(1, 1024))
    .action(async (_, self: Command) => (await import("../commands/serve.js")).serve(self.optsWithGlobals()));
  command(program, "doctor", "check that the server is there and fits, and that Python is")
    .option("--wait <time>", "keep asking for this long, for example 60s", duration)
    .action(async (_, self: Command) =>
      (await import("../commands/doctor.js")).doctor(self.optsWithGlobals()),
    );
}
